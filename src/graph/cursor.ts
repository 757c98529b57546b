import { GrapevineError } from '../errors.ts';

/** Lists that hand out cursors; one list's cursor is no good for another. */
export type CursorList =
  | 'entities'
  | 'active entities'
  | 'entities by mentions'
  | 'facts'
  | 'facts by confidence'
  | 'facts by evidence'
  | 'facts by last seen'
  | 'evidence'
  | 'mentions'
  | 'posts'
  | 'alerts'
  | 'alert rules'
  | 'deliveries';

/** What a list is ordered by, as the types of its key's parts. */
const KEYS: Readonly<Record<CursorList, readonly ('string' | 'number')[]>> = {
  entities: ['string', 'string'],
  'active entities': ['number', 'string'],
  'entities by mentions': ['number', 'string'],
  facts: ['number', 'string'],
  'facts by confidence': ['number', 'string'],
  'facts by evidence': ['number', 'string'],
  'facts by last seen': ['number', 'string'],
  evidence: ['number', 'string'],
  mentions: ['number', 'string', 'number', 'string'],
  posts: ['number', 'string'],
  alerts: ['number'],
  'alert rules': ['string'],
  deliveries: ['number', 'string'],
};

/** The cursor of the item with this key. */
export function encodeCursor(list: CursorList, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/**
 * The key a cursor was made from; undefined without a cursor.
 *
 * @throws {BAD_CURSOR} when it was not made by this list.
 */
export function decodeCursor(list: CursorList, cursor: string | undefined): readonly (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  const parts = parse(cursor);
  const types = KEYS[list];
  const key = parts.slice(1);
  const fits = parts[0] === list && key.length === types.length && key.every((part, i) => typeof part === types[i]);
  if (!fits) {
    const found = JSON.stringify(cursor.slice(0, 80));
    throw new GrapevineError('BAD_CURSOR', `reading ${list}: ${found} is no cursor of this list; start without one`);
  }
  return key as readonly (string | number)[];
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
