import { describe, expect, it } from 'vitest';
import { ReproducibleDecoder } from '../../../src/consumers/formats/reproducible.ts';

const base = { id: '1', platform: 'x', author: { id: 'a' }, createdAt: '2024-05-01T10:00:00Z' };
const encode = (record: unknown) => new TextEncoder().encode(JSON.stringify(record));

/** The post and what came with it. */
function decode(fields: object) {
  const decoder = new ReproducibleDecoder();
  const decoded = decoder.decode(encode({ ...base, ...fields }));
  if ('rejected' in decoded) return decoded.rejected;
  return { post: decoded.record, given: decoder.givenOf(decoded.record) };
}

const words = ['Ana', 'met', '\ufe0f', 'Rui'];

describe('a record with results of earlier steps', () => {
  it('is a post whose text is its words joined by one space', () => {
    expect(decode({ words })).toMatchObject({ post: { id: '1', text: 'Ana met \ufe0f Rui' }, given: { words } });
    expect(decode({ words, text: words.join(' ') })).toMatchObject({ given: { words } });
    expect(decode({ words: [] })).toMatchObject({ post: { text: '' }, given: { words: [] } });
  });

  it('keeps what is given out of the post', () => {
    const { post } = decode({ words, pairs: [], regions: [] }) as { post: object };
    expect(Object.keys(post)).not.toEqual(expect.arrayContaining(['words']));
    expect(post).not.toHaveProperty('pairs');
    expect(post).not.toHaveProperty('regions');
  });

  it('may give regions alone, and pairs of its words', () => {
    expect(decode({ text: 'Ana', regions: [[0, 0, 5, 5]] })).toMatchObject({ given: { regions: [[0, 0, 5, 5]] } });
    const pairs = [{ head: [3, 4], tail: [0, 1] }];
    expect(decode({ words, pairs })).toMatchObject({ given: { pairs } });
    expect(decode({ text: 'Ana', pairs: [] })).toMatchObject({ given: { pairs: [] } });
  });

  it('is an ordinary post without them', () => {
    expect(decode({ text: 'Ana' })).toEqual({ post: expect.objectContaining({ text: 'Ana' }), given: undefined });
    expect(decode({ text: 'Ana', words: null })).toMatchObject({ given: undefined });
  });

  it.each([
    ['another text', { words, text: 'Ana met Rui' }, 'words joined'],
    ['words that are none', { words: ['Ana', 5] }, 'words.1'],
    ['four regions', { words, regions: [1, 2, 3, 4].map((edge) => [0, 0, edge, edge]) }, 'regions'],
    ['a region of three numbers', { words, regions: [[0, 0, 1]] }, 'regions.0'],
    ['pairs without words', { text: 'Ana', pairs: [{ head: [0, 1], tail: [0, 1] }] }, 'need words'],
    ['a span behind the last word', { words, pairs: [{ head: [0, 1], tail: [3, 5] }] }, 'pairs.0.tail'],
    ['an empty span', { words, pairs: [{ head: [1, 1], tail: [3, 4] }] }, 'pairs.0.head'],
    ['too much text', { words: ['x'.repeat(60_000), 'y'.repeat(60_000)] }, 'longer than'],
  ])('is refused with %s', (_, fields, message) => {
    expect(decode(fields)).toMatchObject({ reason: 'schema', message: expect.stringContaining(message) });
  });
});
