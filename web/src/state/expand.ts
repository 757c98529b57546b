import { effect, signal } from '@preact/signals';
import { tellError } from '../data/ask.ts';
import { readEntity } from '../data/read.ts';
import { detail } from './details.ts';
import { notice } from './live.ts';
import { current, model, view } from './page.ts';

/** Links that an entity has and that are not on the page. */
export const hiddenOf = signal<ReadonlyMap<string, number>>(new Map());

/** Facts that came with the expansion of an entity: with it they go. */
const brought = new Map<string, readonly string[]>();

/** Brings in the links of entities that are expanded, and takes them out when that is undone. */
export function keepExpansions(): void {
  effect(() => {
    const wanted = new Set([...view.value.expanded, ...view.value.pinned, ...[view.value.selected].filter(isEntity)]);
    for (const id of view.value.expanded) if (!brought.has(id)) void bring(id);
    for (const [id, facts] of brought) {
      if (wanted.has(id)) continue;
      brought.delete(id);
      model.apply({ drop: facts });
    }
    // Somebody who comes with an address sees what it is about, be it old or new.
    for (const id of wanted) if (!brought.has(id) && !model.entities.has(id)) void bring(id);
  });
  effect(() => {
    const { value } = detail;
    const { model } = current.value;
    if (value.kind !== 'entity') return;
    const { id, factCount } = value.entity;
    const hidden = Math.max(0, factCount - model.factsOf(id).size);
    if ((hiddenOf.peek().get(id) ?? 0) !== hidden) hiddenOf.value = new Map(hiddenOf.peek()).set(id, hidden);
  });
}

function isEntity(id: string): boolean {
  return id.startsWith('ent_');
}

async function bring(id: string): Promise<void> {
  brought.set(id, []);
  try {
    const entity = await readEntity(id, new AbortController().signal);
    if (!entity || !brought.has(id)) return;
    const fresh = entity.links.filter(({ fact }) => !model.facts.has(fact.id));
    brought.set(
      id,
      fresh.map(({ fact }) => fact.id),
    );
    model.apply({ put: entity.links });
  } catch (error) {
    brought.delete(id);
    notice.value = `Expanding failed: ${tellError(error)}`;
  }
}
