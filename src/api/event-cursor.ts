import { GrapevineError } from '../errors.ts';

/** Logs that clients follow; one log's cursor is no good for another. */
export type FollowedLog = keyof typeof SOURCES;

/** Where a client gets a cursor of each log from. */
const SOURCES = {
  event: 'a received event or stats.eventCursor',
  alert: 'an alert, a received event or stats.alertCursor',
} as const;

/** Opaque cursor of a position in a log. */
export function encodeEventCursor(position: number, log: FollowedLog = 'event'): string {
  return Buffer.from(`${log}:${position}`).toString('base64url');
}

/** Position that a cursor stands for. @throws {BAD_CURSOR} when `encodeEventCursor` did not make it. */
export function decodeEventCursor(cursor: string, log: FollowedLog = 'event'): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = Number(text.slice(log.length + 1));
  if (Number.isSafeInteger(position) && position >= 0 && encodeEventCursor(position, log) === cursor) return position;
  const hint = `"since" is not a cursor of an ${log}; pass the cursor of ${SOURCES[log]}`;
  throw new GrapevineError('BAD_CURSOR', `resuming a subscription: ${hint}.`);
}
