/** Version of the rules below. It is part of every entity id, so changing a rule needs a new number and a rebuild. */
export const NORM_VERSION = 1;

const ACCENTS = /[\u0300-\u036f]/g;
const POSSESSIVE = /['’ʼ]s(?=[^\p{L}\p{N}]|$)/gu;
const INSIDE_WORD = /(?<=\p{L})[.'’ʼ](?=\p{L}|\s|$)/gu;
const SEPARATORS = /[^\p{L}\p{N}\p{M}\p{S}#@&]+/gu;
const LEADING_SIGNS = /^[@#\s]+/u;

/**
 * The key two surface forms share when they name the same thing: case, accents, a leading @ or #, a possessive 's,
 * punctuation and spacing do not count. Never empty: text that holds nothing else is kept as it is.
 *
 * @example normalise("#Harbour_Robotics's") // 'harbour robotics'
 */
export function normalise(text: string): string {
  const whole = text.normalize('NFKC');
  let current = whole;
  let previous: string;
  do {
    previous = current;
    current = pass(previous);
  } while (current !== previous);
  return current === '' ? fallback(whole) : current;
}

function pass(text: string): string {
  return foldCase(text)
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFKC')
    .replace(POSSESSIVE, '')
    .replace(INSIDE_WORD, '')
    .replace(SEPARATORS, ' ')
    .replace(LEADING_SIGNS, '')
    .trim();
}

/** Upper case first, so that ß equals ss; one sigma, because lower case depends on its place in the word. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** Text made of signs only is its own key. */
function fallback(whole: string): string {
  const trimmed = whole.trim();
  return trimmed === '' ? whole : trimmed;
}
