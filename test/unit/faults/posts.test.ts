import { expect, test } from 'vitest';
import { decodeNativePost } from '../../../src/consumers/formats/native.ts';
import { factsExtractor } from '../../faults/facts-extractor.ts';
import { PostStream } from '../../faults/posts.ts';

const posts = (seed: number, count: number) => new PostStream(seed).take(count).map(({ value }) => value);

test('the same seed gives the same posts, another one others', () => {
  expect(posts(1, 200)).toEqual(posts(1, 200));
  expect(posts(1, 200)).not.toEqual(posts(2, 200));
});

test.each([1, 2, 3])(
  'a short stream of seed %i has edits, deletions, repetitions, late copies and poison',
  async (seed) => {
    const values = posts(seed, 20);
    expect(new Set(values).size).toBeLessThan(values.length);
    const newest = new Map<string, number>();
    const seen = { edited: 0, late: 0, deleted: 0, revived: 0, reposts: 0, poison: 0 };
    const deleted = new Set<string>();
    for (const value of values) {
      const decoded = decodeNativePost(Buffer.from(value));
      if ('rejected' in decoded) seen.poison++;
      if ('rejected' in decoded || decoded.record.event) continue;
      const { record } = decoded;
      const before = newest.get(record.id);
      if (deleted.has(record.id)) seen.revived++;
      if (record.deleted) {
        seen.deleted++;
        deleted.add(record.id);
        continue;
      }
      const version = Number(record.version);
      if (before !== undefined && version > before) seen.edited++;
      if (before !== undefined && version < before) seen.late++;
      if (record.repostOf) seen.reposts++;
      newest.set(record.id, Math.max(version, before ?? 0));
    }
    for (const [kind, count] of Object.entries(seen)) expect(count, kind).toBeGreaterThan(0);
  },
);

test('what a text spells out is what is extracted from it', async () => {
  const extractor = factsExtractor({ patient: false });
  const text = 'words [PER:Ana Lima] and [ORG:Harbour] {0 /per/org/member_of 1} ~20';
  const { mentions, relations } = await extractor.extract({ text, images: [] });
  expect(mentions.map(({ start, end, type }) => [text.slice(start, end), type])).toEqual([
    ['Ana Lima', 'PER'],
    ['Harbour', 'ORG'],
  ]);
  expect(relations).toMatchObject([{ type: '/per/org/member_of', head: 0, tail: 1 }]);
  await expect(extractor.extract({ text: 'this one !fails', images: [] })).rejects.toMatchObject({
    code: 'MODEL_FAILED',
  });
});
