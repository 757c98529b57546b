import { computed, effect, signal } from '@preact/signals';
import { readLinkCounts } from '../data/find.ts';
import { readNewestLinks } from '../data/graph.ts';
import type { Link } from '../data/rows.ts';
import { tellError } from '../data/server.ts';
import { detail } from './details.ts';
import { isCut } from './live.ts';
import { say } from './notice.ts';
import { brought, current, model, view } from './page.ts';
import { PATH } from './path.ts';

/** Links that entities have in the whole graph, as far as that was asked for. */
const totals = signal<ReadonlyMap<string, number>>(new Map());

/** Links that an entity has and that are not on the page. */
export const hiddenOf = computed<ReadonlyMap<string, number>>(() => {
  const { model } = current.value;
  const hidden = new Map<string, number>();
  for (const [id, total] of totals.value) {
    const more = total - model.factsOf(id).size;
    if (more > 0) hidden.set(id, more);
  }
  return hidden;
});

/** Time after a change before the server is asked how many links there are, milliseconds. */
const REST_MS = 700;

/** Links that are brought in for an entity, the newest: about as many as a person can tell apart. */
const MOST_LINKS = 500;

/** Entities asked for at once. */
const AT_ONCE = 100;

/** Brings in the links of entities that are expanded, and takes them out when that is undone. */
export function keepExpansions(): void {
  let isBringing = false;
  const put = (apply: () => void) => {
    isBringing = true;
    apply();
    isBringing = false;
  };
  model.listen(({ addedFacts, changedFacts }) => {
    if (isBringing) return;
    // What came by itself stays when an expansion is taken back.
    const own = new Set([...addedFacts, ...changedFacts]);
    for (const [id, facts] of brought)
      if (facts.some((fact) => own.has(fact)))
        brought.set(
          id,
          facts.filter((fact) => !own.has(fact)),
        );
  });
  const bring = async (id: string) => {
    brought.set(id, []);
    try {
      const links: Link[] = [];
      for await (const page of readNewestLinks(undefined, id)) {
        links.push(...page);
        if (links.length >= MOST_LINKS) break;
      }
      if (!brought.has(id)) return;
      const fresh = links.map(({ fact }) => fact.id).filter((fact) => !model.facts.has(fact));
      brought.set(id, fresh);
      put(() => model.apply({ put: links }));
    } catch (error) {
      brought.delete(id);
      say(`Expanding failed: ${tellError(error)}`);
    }
  };
  let before: readonly string[] = [];
  effect(() => {
    const { expanded, pinned, selected } = view.value;
    // One that is collapsed gives its links back though somebody looks at it.
    const collapsed = new Set(before.filter((id) => !expanded.includes(id)));
    before = expanded;
    const wanted = new Set([...expanded, ...pinned, selected, PATH]);
    for (const [id, facts] of brought) {
      if (wanted.has(id) && !collapsed.has(id)) continue;
      brought.delete(id);
      put(() => model.apply({ drop: facts }));
    }
    for (const id of wanted) {
      // Somebody who comes with an address sees what it is about, be it old or new.
      const isMissing = id.startsWith('ent_') && !model.entities.has(id);
      if (!brought.has(id) && (isMissing || expanded.includes(id))) void bring(id);
    }
  });
  effect(() => {
    const { value } = detail;
    if (value.kind === 'entity') {
      const { id, factCount } = value.entity;
      totals.value = new Map(totals.peek()).set(id, factCount);
    } else if (value.kind === 'fact' && !model.facts.has(value.link.fact.id)) {
      const { link } = value;
      brought.set(link.fact.id, [link.fact.id]);
      put(() => model.apply({ put: [link] }));
    }
  });
}

/** Asks how many links the entities on the page have, while they cannot all be there. */
export function keepTotals(): void {
  let resting: ReturnType<typeof setTimeout> | undefined;
  const read = async () => {
    resting = undefined;
    const unknown = [...model.entities.keys()].filter((id) => !totals.value.has(id)).slice(0, AT_ONCE);
    if (!isCut.value || unknown.length === 0) return;
    // A badge that is missing hides nothing; whether the server answers is told elsewhere.
    const counts = await readLinkCounts(unknown).catch(() => undefined);
    if (!counts) return;
    totals.value = new Map([...totals.value, ...unknown.map((id) => [id, 0] as const), ...counts]);
    rest();
  };
  const rest = () => {
    resting ??= setTimeout(() => void read(), REST_MS);
  };
  model.listen(({ addedFacts, removedFacts, isNews }) => {
    if (isNews && addedFacts.length + removedFacts.length > 0) {
      const known = new Map(totals.value);
      for (const id of addedFacts) {
        const { headId = '', tailId = '' } = model.facts.get(id) ?? {};
        known.delete(headId);
        known.delete(tailId);
      }
      totals.value = known;
    }
    rest();
  });
}
