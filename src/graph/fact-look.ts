import type { Fact } from '../domain/graph.ts';

/** Facts that a look with conditions goes through at each place, the newest: an entity may have 100,000, few of which fit. */
export const FACTS_LOOKED_AT = 2_000;

/** Facts at each place, the newest, that are put into an order which no index keeps. */
export const FACTS_ORDERED = 10_000;

/** What facts can be ordered by, the highest first. */
export type FactOrder = 'CONFIDENCE' | 'EVIDENCE' | 'LAST_SEEN';

/** The lists of these orders, and what they go by. */
export const FACT_ORDERS = {
  CONFIDENCE: { list: 'facts by confidence', field: 'confidence' },
  EVIDENCE: { list: 'facts by evidence', field: 'evidenceCount' },
  LAST_SEEN: { list: 'facts by last seen', field: 'lastSeenMs' },
} as const;

/** The comparison of an order. */
export function highestFirst(field: (typeof FACT_ORDERS)[FactOrder]['field']): (a: Fact, b: Fact) => number {
  return (a, b) => b[field] - a[field] || (a.id < b.id ? -1 : 1);
}

/** Which facts are meant; absent fields do not restrict. */
export interface FactConditions {
  readonly type?: string;
  readonly minConfidence?: number;
}

/** What a look shows of a fact: where it leads and how strong it is. Thousands are looked at where few are shown. */
export type Link = Pick<Fact, 'id' | 'headId' | 'tailId' | 'evidenceCount' | 'lastSeenMs' | 'createdMs'>;

/** A look at the newest facts of a place. It is bounded, and finds the same in the same graph every time. */
export interface FactLook extends FactConditions {
  /** Most facts that are given for each place, 1 or more. */
  readonly limit: number;
}

/** What was seen. */
export interface LinkList {
  /** Newest (by `createdMs`) first, then id. */
  readonly links: readonly Link[];
  /** True when there are facts that were not looked at, or not given. */
  readonly hasMore: boolean;
}

/** Rows that have to be read at a place. One more than is given tells whether there are others. */
export function rowsLookedAt({ limit, type, minConfidence }: FactLook): number {
  const isRestricted = type !== undefined || minConfidence !== undefined;
  return isRestricted ? Math.max(FACTS_LOOKED_AT, limit) + 1 : limit + 1;
}

/** The list of one place from what was read there, `found` the rows that fit, newest first. */
export function linkList(look: FactLook, found: readonly Link[], rowsRead: number): LinkList {
  return { links: found.slice(0, look.limit), hasMore: found.length > look.limit || rowsRead >= rowsLookedAt(look) };
}

/** The lists of both ends of an entity as one. */
export function joinEnds(head: LinkList, tail: LinkList): LinkList {
  return { links: [...head.links, ...tail.links].sort(newestFirst), hasMore: head.hasMore || tail.hasMore };
}

/** The order of lists of facts. */
export function newestFirst(a: Link, b: Link): number {
  return b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1);
}
