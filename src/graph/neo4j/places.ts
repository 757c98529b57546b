import type { MentionRow } from '../plan/rows.ts';

/**
 * Places of rows in lists, as strings that an index keeps in order: Neo4j reads only a beginning of such an index where
 * one property has a prefix, and never where several properties together make the order.
 */

/** Beyond every time that a date can have, so that all are positive. */
const OFFSET = 9_000_000_000_000_000n;
const DIGITS = 17;

/** Greater than every character of a place. */
const END = '~';

/** A time such that earlier ones come first. */
export function ascending(ms: number): string {
  return String(BigInt(ms) + OFFSET).padStart(DIGITS, '0');
}

/** A time such that later ones come first. */
export function descending(ms: number): string {
  return ascending(-ms);
}

/** A number from 0 such that smaller ones come first. */
export function ordered(value: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return bits.getBigUint64(0).toString(16).padStart(16, '0');
}

/** A place; all places with the same first parts are together. */
export function placeOf(...parts: readonly string[]): string {
  return parts.join('|');
}

/** What the places begin with that have these first parts. */
export function prefixOf(...parts: readonly string[]): string {
  return `${parts.join('|')}|`;
}

/** Greater than all places with this prefix. */
export function endOf(prefix: string): string {
  return `${prefix}${END}`;
}

/** Where evidence stands in the list of its fact. */
export function evidencePlace(row: { factId: string; eventMs: number; postId: string }): string {
  return placeOf(row.factId, ascending(row.eventMs), row.postId);
}

/** Where a mention stands in the list of its entity: newest post first, then in text order. */
export function mentionPlace(row: Pick<MentionRow, 'entityId' | 'eventMs' | 'postId' | 'start' | 'id'>): string {
  return placeOf(row.entityId, descending(row.eventMs), row.postId, ascending(row.start), row.id);
}

/** Where a fact stands in the list of one of its ends: newest first. */
export function factPlace(entityId: string, fact: { createdMs: number; id: string }): string {
  return placeOf(entityId, descending(fact.createdMs), fact.id);
}

/** Where a post stands among those of its author: the newest last. */
export function postPlace(row: { authorId: string; eventMs: number; id: string }): string {
  return placeOf(row.authorId, ascending(row.eventMs), row.id);
}

/** Where a post stands among all posts: the newest first. */
export function newestPlace(row: { eventMs: number; id: string }): string {
  return placeOf(descending(row.eventMs), row.id);
}
