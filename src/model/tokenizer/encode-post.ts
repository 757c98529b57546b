import { decodeEntities } from './html-entities.ts';
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
  /** Index in `pieces` where each word begins, and after the last word the number of pieces: a word's pieces end where the next begins. */
  readonly offsets: Int32Array;
}

/** Splits a post into words and pieces. */
export function encodePost(text: string, tokenizer: WordPiece, rules: TextRules): EncodedPost {
  return encode(text, tweetWords(text), tokenizer, (word) => wordForm(word, rules));
}

/** Encodes a text that is already split: its words joined by one space. Without rules each word is read as it is. */
export function encodeWords(words: readonly string[], tokenizer: WordPiece, rules: TextRules | undefined): EncodedPost {
  const text = words.join(' ');
  return encode(text, placed(words), tokenizer, (word) =>
    rules ? wordForm(word, rules) : text.slice(word.start, word.end),
  );
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

function encode(
  text: string,
  split: Iterable<Word>,
  tokenizer: WordPiece,
  formOf: (word: Word) => string,
): EncodedPost {
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
  return { text, words, pieces: Int32Array.from(pieces), offsets: Int32Array.from(offsets) };
}

/** Index of a word's first piece, or -1 when it has none. */
export function firstPiece(post: EncodedPost, word: number): number {
  const start = post.offsets[word] as number;
  return start < (post.offsets[word + 1] as number) ? start : -1;
}
