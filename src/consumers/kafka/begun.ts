/** That a member has begun a partition and not left it in order, as the text beside the offset tells a successor. */
export interface Begun {
  /** The record that was begun while no other was in flight in the process, and how many members did so in a row. */
  readonly alone?: { readonly offset: number; readonly times: number };
}

/** In front, so that a reader that knows nothing of it takes nothing of the text for its own. */
const TEXT = /^b1(?:\.(\d{1,16})\.(\d{1,6}))?;/;
/** Deaths while a record was the only one in flight that prove its guilt; one death went before, or nobody had been careful. */
const ALONE = 2;

/** Says how a member stands in front of the rest; a partition that was left in order has nothing there. */
export function withBegun(text: string, begun: Begun | undefined): string {
  if (!begun) return text;
  return `b1${begun.alone ? `.${begun.alone.offset}.${begun.alone.times}` : ''};${text}`;
}

/** Takes it off again; what else stands there is left as it is. */
export function splitBegun(text: string): { readonly text: string; readonly begun: Begun | undefined } {
  const found = TEXT.exec(text);
  if (!found) return { text, begun: undefined };
  const [offset, times] = [found[1], found[2]];
  const begun = offset === undefined ? {} : { alone: { offset: Number(offset), times: Number(times) } };
  return { text: text.slice(found[0].length), begun };
}

/** What a member makes of what it finds when it begins at an offset. */
export interface Beginning {
  readonly begun: Begun;
  /** The member before it died: records are taken one at a time, until it is clear which of them kills. */
  readonly careful: boolean;
  /** The record that is to blame. */
  readonly condemned: number | undefined;
}

/**
 * Judges by what an earlier member left behind. Only a record that was the only one in flight at two deaths in a row is
 * condemned, and nobody takes records alone before a first death: a member that is killed from outside is merely careful for
 * a while.
 */
export function judge(offset: number, before: Begun | undefined): Beginning {
  if (!before) return { begun: {}, careful: false, condemned: undefined };
  const alone = before.alone && before.alone.offset >= offset ? before.alone : undefined;
  return {
    begun: alone ? { alone } : {},
    careful: true,
    condemned: alone && alone.times >= ALONE ? alone.offset : undefined,
  };
}

/** The same member, about to begin a record with no other in flight. */
export function aloneWith(begun: Begun, offset: number): Begun {
  return { alone: { offset, times: begun.alone?.offset === offset ? begun.alone.times + 1 : 1 } };
}
