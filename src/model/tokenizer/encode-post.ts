import { decodeEntities } from './html-entities.ts';
import { CASE_STEP, letterCase } from './letter-case.ts';
import { kindOf, tweetWords, type Word } from './tweet-words.ts';
import { type TextRules, wordForm } from './word-form.ts';
import type { WordPiece } from './wordpiece.ts';

/** What is read of a post; words beyond belong to no mention. */
export const MAX_PIECES = 4_000;
const MAX_WORDS = 16_000;

/** A post as words and word pieces. */
export interface EncodedPost {
  readonly text: string;
  readonly words: readonly Word[];
  /** Ids of all pieces in order, without [CLS] and [SEP]; at most `MAX_PIECES`. */
  readonly pieces: Int32Array;
  /** The same with the letter case of their words, where a bundle asks for it; else `pieces` themselves. */
  readonly cased: Int32Array;
  /** Index in `pieces` where each word begins, and after the last word the number of pieces: a word's pieces end where the next begins. */
  readonly offsets: Int32Array;
}

/** Splits a post into words and pieces. */
export function encodePost(text: string, tokenizer: WordPiece, rules: TextRules, letterCases = false): EncodedPost {
  return encode(text, tweetWords(text), { tokenizer, letterCases, formOf: (word) => wordForm(word, rules) });
}

/** Encodes a text that is already split: its words joined by one space. Without rules each word is read as it is. */
export function encodeWords(
  words: readonly string[],
  tokenizer: WordPiece,
  rules: TextRules | undefined,
  letterCases = false,
): EncodedPost {
  const text = words.join(' ');
  const formOf = (word: Word) => (rules ? wordForm(word, rules) : text.slice(word.start, word.end));
  return encode(text, placed(words), { tokenizer, letterCases, formOf });
}

function* placed(words: readonly string[]): Generator<Word> {
  let start = 0;
  let previous: string | undefined;
  for (const word of words) {
    const end = start + word.length;
    const { text } = decodeEntities(word);
    yield { start, end, kind: kindOf(text, previous), text };
    start = end + 1;
    previous = word;
  }
}

interface Encoding {
  readonly tokenizer: WordPiece;
  readonly letterCases: boolean;
  formOf(word: Word): string;
}

function encode(text: string, split: Iterable<Word>, { tokenizer, letterCases, formOf }: Encoding): EncodedPost {
  const words: Word[] = [];
  const pieces: number[] = [];
  const offsets: number[] = [0];
  for (const word of split) {
    const room = MAX_PIECES - pieces.length;
    if (room <= 0 || words.length >= MAX_WORDS) break;
    const ids = tokenizer.encode(formOf(word), room);
    for (let i = 0; i < Math.min(ids.length, room); i++) pieces.push(ids[i] as number);
    words.push(word);
    offsets.push(pieces.length);
  }
  const plain = Int32Array.from(pieces);
  const cased = letterCases ? withCases(plain, words, offsets) : plain;
  return { text, words, pieces: plain, cased, offsets: Int32Array.from(offsets) };
}

function withCases(pieces: Int32Array, words: readonly Word[], offsets: readonly number[]): Int32Array {
  const cased = pieces.slice();
  words.forEach((word, i) => {
    const step = letterCase(word.text) * CASE_STEP;
    for (let piece = offsets[i] as number; piece < (offsets[i + 1] as number); piece++) {
      cased[piece] = (pieces[piece] as number) + step;
    }
  });
  return cased;
}

/** Index of a word's first piece, or -1 when it has none. */
export function firstPiece(post: EncodedPost, word: number): number {
  const start = post.offsets[word] as number;
  return start < (post.offsets[word + 1] as number) ? start : -1;
}
