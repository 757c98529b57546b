import type { Vocabulary } from './vocabulary.ts';

const CONTROL = /\p{C}/u;
const SPACE = /[\t\n\r\p{Zs}]/u;
const CJK =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/u;
const MARKS = /\p{Mn}/gu;
const PLAIN = /^[a-z0-9]+$/;

/** Sizes of the cache of words already split: distinct words, and the longest word kept. */
const CACHED_WORDS = 50_000;
const CACHED_LENGTH = 64;

/** What a bundle says about its tokeniser. */
export interface WordPieceOptions {
  readonly vocabulary: Vocabulary;
  readonly lowerCase: boolean;
  /** Longest token in code points; a longer one is unknown. */
  readonly maxWordChars: number;
  /** Id of a token that the vocabulary cannot spell. */
  readonly unk: number;
}

/**
 * BERT's tokeniser. Special tokens are never matched in text: `[SEP]` in a post is five characters.
 */
export class WordPiece {
  readonly #options: WordPieceOptions;
  readonly #cache = new Map<string, readonly number[]>();

  constructor(options: WordPieceOptions) {
    this.#options = options;
  }

  /** Piece ids of a word or a sentence, at most `limit` (and the rest of one token); may be empty. */
  encode(text: string, limit = Number.POSITIVE_INFINITY): readonly number[] {
    if (text.length > CACHED_LENGTH) return this.#split(text, limit);
    const known = this.#cache.get(text);
    if (known) return known;
    const ids = this.#split(text, Number.POSITIVE_INFINITY);
    if (this.#cache.size >= CACHED_WORDS) this.#cache.clear();
    this.#cache.set(text, ids);
    return ids;
  }

  #split(text: string, limit: number): readonly number[] {
    const ids: number[] = [];
    for (const token of basicTokens(text, this.#options.lowerCase)) {
      if (ids.length >= limit) break;
      this.#spell(token, ids);
    }
    return ids;
  }

  /** Longest piece first; a token with a rest that has no piece is unknown as a whole. */
  #spell(token: string, ids: number[]): void {
    const { vocabulary, maxWordChars, unk } = this.#options;
    if (longerThan(token, maxWordChars)) {
      ids.push(unk);
      return;
    }
    const before = ids.length;
    for (let start = 0; start < token.length; ) {
      let end = token.length;
      let id: number | undefined;
      for (; end > start; end--) {
        const piece = token.slice(start, end);
        id = vocabulary.get(start > 0 ? `##${piece}` : piece);
        if (id !== undefined) break;
      }
      if (id === undefined) {
        ids.length = before;
        ids.push(unk);
        return;
      }
      ids.push(id);
      start = end;
    }
  }
}

/** Words between spaces, folded, with every punctuation character as a word of its own. */
function* basicTokens(text: string, lowerCase: boolean): Generator<string> {
  for (const word of clean(text).split(/\s+/u)) {
    const folded = lowerCase ? fold(word) : word;
    if (PLAIN.test(folded)) yield folded;
    else yield* splitPunctuation(folded);
  }
}

function fold(word: string): string {
  return word.toLowerCase().normalize('NFD').replace(MARKS, '');
}

function* splitPunctuation(word: string): Generator<string> {
  let from = 0;
  let at = 0;
  for (const char of word) {
    if (PUNCTUATION.test(char)) {
      if (at > from) yield word.slice(from, at);
      yield char;
      from = at + char.length;
    }
    at += char.length;
  }
  if (at > from) yield word.slice(from);
}

/** Drops characters that are not text and sets CJK characters apart, as BERT's vocabulary expects. */
function clean(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  for (const char of text) {
    if (SPACE.test(char)) out += ' ';
    else if (char === '\ufffd' || CONTROL.test(char)) continue;
    else out += CJK.test(char) ? ` ${char} ` : char;
  }
  return out;
}

function longerThan(token: string, codePoints: number): boolean {
  if (token.length <= codePoints) return false;
  let length = 0;
  for (const _ of token) if (++length > codePoints) return true;
  return false;
}
