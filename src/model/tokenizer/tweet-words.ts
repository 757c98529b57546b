/** A word of a post: a non-empty range of UTF-16 code units of the original text. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly kind: 'url' | 'handle' | 'word';
}

// Every pattern is linear: what joins two parts is never itself part of one.
const SKIP = /\s+/uy;
const URL_WORD = /(?:https?:\/\/|www\.)\S+/iuy;
const HANDLE = /@\w+(?:@\w[\w-]*(?:\.\w[\w-]*)+|(?:\.[a-z0-9][\w-]*)+)?/uy;
const ACRONYM = /\p{L}(?:\.\p{L}(?![\p{L}\p{N}\p{M}_]))+\.?/uy;
const NUMBER = /\p{Nd}+(?:[.,/:]\p{Nd}+)+(?![\p{L}\p{N}_])/uy;
const POSSESSIVE = /['’]s(?![\p{L}\p{N}\p{M}_])/iuy;
const WORD =
  /[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*(?:(?!['’]s(?![\p{L}\p{N}\p{M}_]))['’&-][\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*)*/iuy;
const TRAILING = /[.,;:!?'"’”)\]}>…]/u;

/**
 * Splits a post into words, in order.
 *
 * A web address, an `@handle` and a name with inner apostrophes, hyphens or `&` are one word; `#` and its tag are two; a
 * possessive `'s` stands alone, and so does every other character that is not a space. Never throws, whatever the text.
 */
export function* tweetWords(text: string): Generator<Word> {
  let at = 0;
  while (at < text.length) {
    const gap = match(SKIP, text, at);
    if (gap > at) {
      at = gap;
      continue;
    }
    const word = wordAt(text, at);
    yield word;
    at = word.end;
  }
}

function wordAt(text: string, start: number): Word {
  const url = match(URL_WORD, text, start);
  if (url > start) return { start, end: trimUrl(text, start, url), kind: 'url' };
  const handle = match(HANDLE, text, start);
  if (handle > start) return { start, end: handle, kind: 'handle' };
  for (const pattern of [ACRONYM, NUMBER, POSSESSIVE, WORD]) {
    const end = match(pattern, text, start);
    if (end > start) return { start, end, kind: 'word' };
  }
  return { start, end: start + String.fromCodePoint(text.codePointAt(start) ?? 0).length, kind: 'word' };
}

/** End of the match that begins exactly at `start`, or -1. */
function match(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Leaves the punctuation of the sentence outside its address. */
function trimUrl(text: string, start: number, end: number): number {
  let at = end;
  while (at > start + 1 && TRAILING.test(text.charAt(at - 1))) at--;
  return at;
}
