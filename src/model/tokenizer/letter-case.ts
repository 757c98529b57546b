/** Letter cases that a bundle can be told of: none (no letters of a script that has cases), lower, capitalised, upper, mixed. */
const [NONE, LOWER, CAPITALISED, UPPER, MIXED] = [0, 1, 2, 3, 4];

/** A piece with its letter case is one number: the id below this step, the case in steps of it. */
export const CASE_STEP = 1 << 16;

/**
 * How a word is written: what an uncased vocabulary loses and a name often shows. What is no letter does not count.
 *
 * training/letter_case.py holds the same rule; test/fixtures/golden/words.json keeps them together.
 */
export function letterCase(word: string): number {
  const letters = word.match(/\p{L}/gu) ?? [];
  const upper = letters.filter((letter) => /\p{Lu}/u.test(letter)).length;
  if (upper === 0) return letters.some(isLower) ? LOWER : NONE;
  if (upper === letters.length) return upper > 1 ? UPPER : CAPITALISED;
  return upper === 1 && !isLower(letters[0] as string) && letters.slice(1).every(isLower) ? CAPITALISED : MIXED;
}

function isLower(letter: string): boolean {
  return /\p{Ll}/u.test(letter);
}
