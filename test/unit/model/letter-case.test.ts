import { describe, expect, it } from 'vitest';
import { encodePost } from '../../../src/model/tokenizer/encode-post.ts';
import { CASE_STEP, letterCase } from '../../../src/model/tokenizer/letter-case.ts';
import { readManifest, readTokenizer } from '../../helpers/model-bundle.ts';

describe('the letter case of a word', () => {
  it.each([
    ['12:30', 0],
    ['東京', 0],
    ['harbour', 1],
    ['@handle_7', 1],
    ['Lisbon', 2],
    ['I', 2],
    ['Élan', 2],
    ['NATO', 3],
    ['U.S.', 3],
    ['iPhone', 4],
    ['McKay', 4],
    ['#GameOfThrones', 4],
  ])('of %s is %i', (word, expected) => {
    expect(letterCase(word)).toBe(expected);
  });

  it('goes with every piece of the word, and only where it is asked for', async () => {
    const tokenizer = await readTokenizer();
    const plain = encodePost('the Kvitfjell run', tokenizer, readManifest().text);
    const cased = encodePost('the Kvitfjell run', tokenizer, readManifest().text, true);
    expect(plain.cased).toBe(plain.pieces);
    expect(cased.pieces).toEqual(plain.pieces);
    const cases = Array.from(cased.cased, (id) => Math.floor(id / CASE_STEP));
    expect(cases).toEqual([1, ...Array(plain.pieces.length - 2).fill(2), 1]);
    expect(Array.from(cased.cased, (id) => id % CASE_STEP)).toEqual([...plain.pieces]);
  });
});
