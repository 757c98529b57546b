import { decodeEntities } from './html-entities.ts';

/**
 * Version of the rules by which a post becomes words and word forms. `training/tweet_words.py` holds the same rules; a
 * bundle names the version it was trained with.
 */
export const NORMALISER_VERSION = 1;

/** What a word is, as far as the rules treat it differently. */
export type WordKind = 'url' | 'handle' | 'hashtag' | 'emoji' | 'word';

/** A word of a post: a non-empty range of UTF-16 code units of the original text. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly kind: WordKind;
  /** The word with its HTML entities decoded. */
  readonly text: string;
}

// Every pattern is linear: what joins two parts is never itself part of one.
const SKIP = /\s+/uy;
const URL_WORD = /(?:[hH][tT][tT][pP][sS]?:\/\/|[wW]{3}\.)\S+/uy;
const HANDLE =
  /@[A-Za-z0-9_]+(?:@[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)+|(?:\.[a-z0-9][A-Za-z0-9_-]*)+)?/uy;
const ACRONYM = /\p{L}(?:\.\p{L}(?![\p{L}\p{N}\p{M}_]))+\.?/uy;
const NUMBER = /\p{Nd}+(?:[.,/:]\p{Nd}+)+(?![\p{L}\p{N}_])/uy;
const POSSESSIVE = /['’][sS](?![\p{L}\p{N}\p{M}_])/uy;
const WORD =
  /[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*(?:(?!['’][sS](?![\p{L}\p{N}\p{M}_]))['’&-][\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*)*/uy;
// Sequences that are one picture: a flag, a keycap, an emoji with its modifiers and what joins it to others. The ranges are
// spelt out, since engines differ in the Unicode version behind their properties.
const PICTOGRAPH =
  '[\\u203C\\u2049\\u2139\\u2194-\\u21AA\\u231A-\\u23FF\\u25AA-\\u25FE\\u2600-\\u27BF\\u2934\\u2935\\u2B05-\\u2B55\\u3030\\u303D\\u3297\\u3299\\u{1F000}-\\u{1F1E5}\\u{1F200}-\\u{1FAFF}]';
const MODIFIER = '[\\uFE0E\\uFE0F\\u{1F3FB}-\\u{1F3FF}\\u{E0020}-\\u{E007F}]';
const EMOJI = new RegExp(
  `[\\u{1F1E6}-\\u{1F1FF}]{2}|[0-9#*]\\uFE0F?\\u20E3|${PICTOGRAPH}${MODIFIER}*(?:\\u200D${PICTOGRAPH}${MODIFIER}*)*`,
  'uy',
);
const TRAILING = /[.,;:!?'"’”)\]}>…]/u;
const HASH = /^[#＃]$/u;

/**
 * Splits a post into words, in order.
 *
 * A web address, an `@handle`, an emoji sequence and a name with inner apostrophes, hyphens or `&` are one word; `#` and its
 * tag are two; a possessive `'s` stands alone, and so does every other character that is not a space. HTML entities count as
 * what they stand for. Never throws, whatever the text.
 */
export function* tweetWords(post: string): Generator<Word> {
  const { text, offsetOf } = decodeEntities(post);
  let at = 0;
  let hashEnd = -1;
  while (at < text.length) {
    const gap = match(SKIP, text, at);
    if (gap > at) {
      at = gap;
      continue;
    }
    const { end, kind } = wordAt(text, at);
    const word = text.slice(at, end);
    const tagged = kind === 'word' && hashEnd === at;
    yield { start: offsetOf(at), end: offsetOf(end), kind: tagged ? 'hashtag' : kind, text: word };
    if (HASH.test(word)) hashEnd = end;
    at = end;
  }
}

/** The kind of a word that is split already; `previous` is the word before it. */
export function kindOf(word: string, previous: string | undefined): WordKind {
  if (match(URL_WORD, word, 0) > 0) return 'url';
  if (/^[#＃]./u.test(word) || (previous !== undefined && HASH.test(previous) && /^[\p{L}\p{N}_]/u.test(word))) {
    return 'hashtag';
  }
  if (match(HANDLE, word, 0) === word.length && word.length > 0) return 'handle';
  return match(EMOJI, word, 0) === word.length && word.length > 0 ? 'emoji' : 'word';
}

function wordAt(text: string, start: number): { end: number; kind: WordKind } {
  const url = match(URL_WORD, text, start);
  if (url > start) return { end: trimUrl(text, start, url), kind: 'url' };
  const handle = match(HANDLE, text, start);
  if (handle > start) return { end: handle, kind: 'handle' };
  const emoji = match(EMOJI, text, start);
  if (emoji > start) return { end: emoji, kind: 'emoji' };
  for (const pattern of [ACRONYM, NUMBER, POSSESSIVE, WORD]) {
    const end = match(pattern, text, start);
    if (end > start) return { end, kind: 'word' };
  }
  return { end: start + String.fromCodePoint(text.codePointAt(start) ?? 0).length, kind: 'word' };
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
