import type { Manifest } from '../manifest.ts';
import type { Word } from './tweet-words.ts';

/** What a bundle says about words that are not read as they are written. */
export type TextRules = Pick<Manifest['text'], 'url' | 'hashtags'>;

/**
 * What the tokeniser is given for a word: a web address may be one word that stands for all, and a hashtag may be read as the
 * words in it, `#GameOfThrones` as `Game Of Thrones`.
 */
export function wordForm({ kind, text }: Pick<Word, 'kind' | 'text'>, rules: TextRules): string {
  if (kind === 'url') return rules.url ?? text;
  if (kind !== 'hashtag' || rules.hashtags === 'whole') return text;
  return /^[#＃]/u.test(text) ? `${text.charAt(0)} ${humps(text.slice(1))}` : humps(text);
}

/**
 * Parts a tag where a new word seems to begin: before a capital that follows a small letter or begins a word after capitals,
 * between letters and digits, and at `_`. A single small letter at the start stays with what follows: `iPhone`.
 */
function humps(tag: string): string {
  const chars = [...tag];
  const kinds = chars.map(kindOfChar);
  let out = '';
  let begin = 0;
  chars.forEach((char, i) => {
    const [before, here, after] = [kinds[i - 1], kinds[i], kinds[i + 1]];
    if (i > 0 && i > begin && parts(before, here, after) && !(begin === 0 && i === 1 && before === 'lower')) {
      out += ' ';
      begin = i;
    }
    out += char === '_' ? ' ' : char;
  });
  return out;
}

type CharKind = 'upper' | 'lower' | 'digit' | 'other';

function kindOfChar(char: string): CharKind {
  if (/\p{Lu}/u.test(char)) return 'upper';
  if (/\p{Ll}/u.test(char)) return 'lower';
  return /\p{Nd}/u.test(char) ? 'digit' : 'other';
}

function parts(before: CharKind | undefined, here: CharKind | undefined, after: CharKind | undefined): boolean {
  if (here === 'digit') return before === 'upper' || before === 'lower';
  if (before === 'digit') return here === 'upper' || here === 'lower';
  return here === 'upper' && (before === 'lower' || (before === 'upper' && after === 'lower'));
}
