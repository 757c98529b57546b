import type { Decision } from '../domain/decision.ts';
import { GrapevineError } from '../errors.ts';
import type { Page, PageRequest } from '../graph/graph-reader.ts';

/** A page of the log, newest first. A place in it stays what it is, since the log only grows. @throws {BAD_CURSOR} */
export function pageOfDecisions(all: readonly Decision[], { first, after }: PageRequest): Page<Decision> {
  const end = after === undefined ? all.length : placeOf(after);
  const places = Array.from({ length: Math.max(0, Math.min(first, end)) }, (_, back) => end - 1 - back);
  return {
    items: places.flatMap((place) => {
      const node = all[place];
      return node ? [{ node, cursor: cursorOf(place) }] : [];
    }),
    hasNextPage: end > first,
  };
}

function cursorOf(place: number): string {
  return Buffer.from(`decision:${place}`).toString('base64url');
}

function placeOf(cursor: string): number {
  const place = Number(Buffer.from(cursor, 'base64url').toString().slice('decision:'.length));
  if (Number.isSafeInteger(place) && place >= 0 && cursorOf(place) === cursor) return place;
  throw new GrapevineError('BAD_CURSOR', 'reading decisions: "after" is not a cursor of this list.');
}
