import type { Decision } from '../domain/decision.ts';
import { GrapevineError } from '../errors.ts';
import type { GraphReader, Page, PageRequest } from '../graph/graph-reader.ts';
import { inForce } from '../graph/plan/resolution.ts';

/** What people decided. People take far fewer decisions than posts come, so that all are read at once. */
export interface DecisionLog {
  /** Oldest first. */
  readonly all: readonly Decision[];
  readonly byId: ReadonlyMap<string, Decision>;
  /** Ids of those that nobody took back. */
  readonly inForce: ReadonlySet<string>;
}

/** Reads the log. */
export async function readDecisionLog(reader: Pick<GraphReader, 'scan'>): Promise<DecisionLog> {
  const all: Decision[] = [];
  for await (const decision of reader.scan('decisions')) all.push(decision);
  return {
    all,
    byId: new Map(all.map((decision) => [decision.id, decision])),
    inForce: new Set(inForce(all).map(({ id }) => id)),
  };
}

/** A page of the log, newest first. A place in it stays what it is, since the log only grows. @throws {BAD_CURSOR} */
export function pageOfDecisions({ all }: DecisionLog, { first, after }: PageRequest): Page<Decision> {
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
