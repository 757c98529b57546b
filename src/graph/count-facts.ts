import type { FactQuery } from './graph-reader.ts';

/** Queries of a list that ask the same, each about another entity, so that one statement answers all of them. */
export interface AlikeQueries {
  /** The first of them. */
  readonly query: FactQuery;
  /** What each is about; empty where they are about the whole graph. */
  readonly entityIds: readonly string[];
  /** Their places in the list, as many as ids. */
  readonly places: readonly number[];
}

/** Queries by what they ask, all but the entity. One about an earlier time is like no other. */
export function alikeQueries(queries: readonly FactQuery[]): readonly AlikeQueries[] {
  const groups = new Map<string, { query: FactQuery; entityIds: string[]; places: number[] }>();
  for (const [place, query] of queries.entries()) {
    const { entityId, ...asked } = query;
    const isOne = entityId === undefined || query.asOfMs !== undefined;
    const key = isOne ? `${place}` : JSON.stringify(asked);
    const group = groups.get(key) ?? { query, entityIds: [], places: [] };
    groups.set(key, group);
    group.places.push(place);
    if (entityId !== undefined) group.entityIds.push(entityId);
  }
  return [...groups.values()];
}

/** Counts of each group, in the order of its ids, as those of the list. */
export function inListOrder(groups: readonly AlikeQueries[], counts: readonly (readonly number[])[]): number[] {
  const list: number[] = [];
  for (const [at, { places }] of groups.entries())
    for (const [i, place] of places.entries()) list[place] = counts[at]?.[i] ?? 0;
  return list;
}
