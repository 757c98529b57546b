import { GrapevineError } from '../errors.ts';

const PREFIX = 'event:';

/** Opaque cursor of a position in the event log. */
export function encodeEventCursor(position: number): string {
  return Buffer.from(`${PREFIX}${position}`).toString('base64url');
}

/** Position that a cursor stands for. @throws {BAD_CURSOR} when `encodeEventCursor` did not make it. */
export function decodeEventCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = Number(text.slice(PREFIX.length));
  if (Number.isSafeInteger(position) && position >= 0 && encodeEventCursor(position) === cursor) return position;
  throw new GrapevineError(
    'BAD_CURSOR',
    'resuming a subscription: "since" is not a cursor of an event; pass the cursor of a received event or stats.eventCursor.',
  );
}
