/** Everything but letters and digits, which alone mean nothing to Lucene. */
const SIGN = /[^\p{L}\p{N}]/gu;

/** A Lucene query for surface forms that have a term beginning with each of the words; the words are only text in it. */
export function searchQuery(words: readonly string[]): string {
  return words.map((word) => `${word.replace(SIGN, String.raw`\$&`)}*`).join(' AND ');
}
