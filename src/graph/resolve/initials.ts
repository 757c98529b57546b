/** Words that an acronym mostly leaves out. */
const SMALL_WORDS = new Set('a and at de der des die du for für i in la le of on the to und y'.split(' '));

/** Longest acronym that is looked for. */
const MAX_INITIALS = 8;

/**
 * The acronym of a name of several words, undefined where it would have fewer than two letters or more than eight.
 *
 * @param normName as `normalise` gives it
 * @example initialsOf('federal bureau of investigation') // 'fbi'
 */
export function initialsOf(normName: string): string | undefined {
  const words = normName.split(' ').filter((word) => !SMALL_WORDS.has(word));
  const initials = words.map((word) => [...word][0] ?? '');
  const isAcronym = initials.length >= 2 && initials.length <= MAX_INITIALS && initials.every(isLetter);
  return isAcronym ? initials.join('') : undefined;
}

/** True of a name that may be an acronym: capital letters only, dots aside, and one word. */
export function isAcronym({ name, normName }: { readonly name: string; readonly normName: string }): boolean {
  const letters = [...normName];
  if (letters.length < 2 || letters.length > MAX_INITIALS || !letters.every(isLetter)) return false;
  return name === name.toUpperCase() && name !== name.toLowerCase();
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}
