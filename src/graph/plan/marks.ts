/**
 * What can be said about a post or an account beside content. `active` hides nothing: it clears older flags. `erased` is
 * what no platform says: the author is to be forgotten.
 */
export type Flag =
  | 'hidden'
  | 'withheld'
  | 'deleted'
  | 'deactivated'
  | 'suspended'
  | 'takendown'
  | 'protected'
  | 'active'
  | 'erased';

/** One flag of one subject, set or cleared at a time. */
export interface Mark {
  /** Graph id of the post or the author. */
  readonly subjectId: string;
  readonly flag: Flag;
  readonly isSet: boolean;
  /** When it happened, epoch milliseconds. */
  readonly atMs: number;
}

/** Everything said about one subject: for each flag what was said last, and when its account was last deleted. */
export interface Marks {
  readonly flags: { readonly [F in Flag]?: readonly [atMs: number, isSet: boolean] };
  /** Time of the latest deletion of the account, whatever came after it; null when there was none. */
  readonly deletedMs: number | null;
}

/** A subject about which nothing has been said. */
export const NO_MARKS: Marks = { flags: {}, deletedMs: null };

/**
 * The marks with one more: of each flag the latest counts, at one time the one that sets it. Marks may come in any order
 * and any number of times; one that adds nothing gives the same object.
 */
export function withMark(marks: Marks, { flag, isSet, atMs }: Mark): Marks {
  const isDeletion = flag === 'deleted' && isSet;
  const deletedMs = isDeletion && atMs > (marks.deletedMs ?? -Infinity) ? atMs : marks.deletedMs;
  const known = marks.flags[flag];
  const isNewer = !known || atMs > known[0] || (atMs === known[0] && isSet && !known[1]);
  if (!isNewer && deletedMs === marks.deletedMs) return marks;
  return { flags: isNewer ? { ...marks.flags, [flag]: [atMs, isSet] } : marks.flags, deletedMs };
}

/** True for an author who is to be forgotten. */
export function isErased({ flags }: Marks): boolean {
  return flags.erased !== undefined;
}

/** True while a flag is set that hides: `active` ends all that are older than it. */
export function isHiding({ flags }: Marks): boolean {
  const activeMs = flags.active?.[0] ?? -Infinity;
  return Object.entries(flags).some(([flag, [atMs, isSet]]) => flag !== 'active' && isSet && atMs >= activeMs);
}

/** The marks as one text that is equal for equal marks. */
export function encodeMarks({ flags, deletedMs }: Marks): string {
  const sorted = Object.fromEntries(Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ flags: sorted, deletedMs });
}

/** Marks from their text. */
export function decodeMarks(text: string): Marks {
  return JSON.parse(text) as Marks;
}
