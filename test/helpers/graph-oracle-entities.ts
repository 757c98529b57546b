import type { Decision } from '../../src/domain/decision.ts';
import type { GraphEvent } from '../../src/domain/graph.ts';
import { type Act, erasedBy, recordsOf } from './graph-acts.ts';
import { livePosts } from './graph-oracle.ts';
import { ToldDecisions } from './graph-oracle-decisions.ts';

/** What events say of entities, those of one act together and in no order: `entity.created ent_…`. */
type ToldEntities = readonly string[];

/** Ids of those that are watched, alone and in pairs. */
export interface Watched {
  readonly alone: readonly string[];
  readonly inPairs: readonly string[];
}

/**
 * What acts, done one after the other, must tell of entities, act by act: worked out from the graphs that the acts up to each
 * define. Decisions count that were taken.
 */
export function expectedEntities(
  acts: readonly Act[],
  taken: readonly Decision[],
  watched: Watched,
): readonly ToldEntities[] {
  const byId = new Map(taken.map((decision) => [decision.id, decision]));
  let before = { live: new Set<string>(), told: new ToldDecisions([]), named: new Map<string, ReadonlySet<string>>() };
  return acts.map((act, index) => {
    const done = acts.slice(0, index + 1);
    const decisions = done.flatMap((one) => ('decide' in one ? (byId.get(one.id) ?? []) : []));
    const posts = livePosts(recordsOf(done), erasedBy(done), decisions);
    const live = new Set(posts.flatMap(({ mentions }) => mentions.map(({ entityId }) => entityId)));
    const told = new ToldDecisions(decisions);
    const named = new Map(
      posts.map(({ row, mentions }) => [row.id, new Set(mentions.map(({ entityId }) => entityId))]),
    );
    const [was, is] = [before, { live, told, named }];
    before = is;
    if (!('decide' in act)) {
      const created = [...live].filter((id) => !was.live.has(id)).map((id) => `entity.created ${id}`);
      return [...created, ...[...named].flatMap(([post, ids]) => mentionsTold(ids, was.named.get(post), watched))];
    }
    const merged = [...was.live].filter((id) => told.now(id) !== id).map((id) => `entity.merged ${id} ${told.now(id)}`);
    const split = [...live].filter((id) => was.told.now(id) !== id);
    return [...merged, ...split.map((id) => `entity.split ${id} ${was.told.now(id)}`)];
  });
}

/** What is told of a post that mentions these, where it mentioned those before. */
function mentionsTold(
  ids: ReadonlySet<string>,
  before: ReadonlySet<string> = new Set(),
  { alone, inPairs }: Watched,
): readonly string[] {
  const mentioned = [...ids]
    .filter((id) => alone.includes(id) && !before.has(id))
    .map((id) => `entity.mentioned ${id}`);
  const pairs = [...ids].flatMap((one) =>
    [...ids].filter((other) => one < other).map((other) => [one, other] as const),
  );
  const told = pairs.filter((pair) => pair.some((id) => inPairs.includes(id)) && !pair.every((id) => before.has(id)));
  return [...mentioned, ...told.map((pair) => `pair.mentioned ${pair.join(' ')}`)];
}

/** What events say of entities, cut where the acts of `expected` end. */
export function toldEntities(
  events: readonly GraphEvent[],
  expected: readonly ToldEntities[],
): readonly ToldEntities[] {
  const lines = events.flatMap((event) =>
    'entity' in event ? [[event.kind, event.entity.id, event.other?.id ?? ''].join(' ').trim()] : [],
  );
  const parts = expected.map(({ length }) => lines.splice(0, length));
  return lines.length > 0 ? [...parts, lines] : parts;
}

/** The lists with each in one order. */
export function sortedParts(parts: readonly ToldEntities[]): readonly ToldEntities[] {
  return parts.map((part) => [...part].sort());
}
