import { GrapevineError } from '../errors.ts';
import { type CursorList, encodeCursor } from './cursor.ts';
import type { Page } from './graph-reader.ts';

/** Longest page a list gives, and longest list of ids of one request. */
export const MAX_PAGE = 100;

/**
 * How many rows to fetch for a page: one more than asked for tells whether there is a next page.
 *
 * @throws {BAD_REQUEST} when the length is not 1 to 100.
 */
export function rowsForPage(first: number): number {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) {
    throw new GrapevineError('BAD_REQUEST', `reading a list: first is ${first}; give a number from 1 to ${MAX_PAGE}`);
  }
  return first + 1;
}

/** A page of the fetched rows. */
export function pageOf<T>(
  list: CursorList,
  rows: readonly T[],
  first: number,
  keyOf: (row: T) => readonly (string | number)[],
): Page<T> {
  const items = rows.slice(0, first).map((node) => ({ node, cursor: encodeCursor(list, keyOf(node)) }));
  return { items, hasNextPage: rows.length > first };
}
