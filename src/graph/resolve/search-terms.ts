import { normalise } from './normalise.ts';
import { storable } from './storable.ts';

/** Scripts that put no space between words: a search may start anywhere in them. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const BETWEEN_WORDS = /[\s\p{Z}\p{Cc}]+/u;

/** Characters of a word that count, words of a name that are found, words of a search that are looked at. */
const MAX_CHARACTERS = 40;
const MAX_TERMS = 60;
const MAX_WORDS = 10;

/**
 * What a surface form is found by: the words of its normalised name, and in scripts without spaces each end of a word.
 * A search finds it when each of its words begins one of these.
 */
export function searchTerms(surface: string): readonly string[] {
  const terms = wordsOf(surface).flatMap((word) => (WITHOUT_SPACES.test(word) ? endsOf(word) : [cut(word)]));
  return [...new Set(terms)].slice(0, MAX_TERMS);
}

/** The words of a search, none when it holds nothing to look for. */
export function searchWords(search: string): readonly string[] {
  return [...new Set(wordsOf(search).map(cut))].slice(0, MAX_WORDS);
}

function wordsOf(text: string): readonly string[] {
  return normalise(storable(text))
    .split(BETWEEN_WORDS)
    .filter((word) => word !== '');
}

function endsOf(word: string): readonly string[] {
  const characters = [...word];
  return characters.map((_, start) => cut(characters.slice(start, start + MAX_CHARACTERS).join('')));
}

function cut(word: string): string {
  return word.length <= MAX_CHARACTERS ? word : [...word].slice(0, MAX_CHARACTERS).join('');
}
