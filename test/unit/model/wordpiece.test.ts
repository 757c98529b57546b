import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePost, MAX_PIECES } from '../../../src/model/tokenizer/encode-post.ts';
import { readGolden, readManifest, readTokenizer } from '../../helpers/model-bundle.ts';

const tokenizer = readTokenizer();

describe('word pieces', () => {
  const { cases } = readGolden<{ cases: { text: string; ids: number[] }[] }>('tokenizer.json');

  it.each(cases)('are those of the training side for $text', ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  it('never contain a special token or a marker, whatever the text', () => {
    const { cls, sep, pad, markers } = readManifest().tokenizer;
    const special = new Set([cls, sep, pad, ...Object.values(markers)]);
    const parts = fc.constantFrom('[CLS]', '[SEP]', '[PAD]', '[MASK]', '<s>', '</s>', '<o>', '</o>', '##', ' ', 'a');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(parts).map((list) => list.join('')),
        ),
        (text) => {
          expect(tokenizer.encode(text).some((id) => special.has(id))).toBe(false);
        },
      ),
    );
  });

  it('of a post belong to its words, up to the limit', () => {
    const post = encodePost('see https://example.com/x \u200b now', tokenizer, readManifest().text);
    expect(post.words).toHaveLength(4);
    expect([...post.pieces]).toEqual(tokenizer.encode('see http now'));
    expect([...post.offsets]).toEqual([0, 1, 2, 2, 3]);
    const long = encodePost('harbour '.repeat(10_000), tokenizer, readManifest().text);
    expect(long.pieces).toHaveLength(MAX_PIECES);
    expect(long.offsets).toHaveLength(long.words.length + 1);
  });
});
