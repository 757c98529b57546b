import { expect, test } from 'vitest';
import { extractions } from '../../../bench/harness/extractions.ts';

const posts = [...extractions(0, 5_000)];
const mean = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0) / counts.length;

test('posts of the graph benchmark have the mentions and pairs that real ones have', () => {
  expect(mean(posts.map((post) => post.mentions.length))).toBeCloseTo(2.6, 1);
  expect(mean(posts.map((post) => post.relations.length))).toBeCloseTo(1.7, 1);
  for (const { post, mentions } of posts) {
    const text = 'text' in post ? post.text : '';
    expect(mentions.map(({ start, end }) => text.slice(start, end))).toEqual(mentions.map((mention) => mention.text));
  }
});

test('some are reposts of posts that are there, and a part of the range is the same alone', () => {
  const roots = posts.flatMap(({ post }) => ('repostOf' in post && post.repostOf ? [post.repostOf] : []));
  expect(roots.length).toBeGreaterThan(300);
  const originals = new Set(posts.flatMap(({ post }) => ('repostOf' in post ? [] : [post.id])));
  expect(roots.filter((root) => !originals.has(root))).toEqual([]);
  expect([...extractions(3_000, 10)]).toEqual(posts.slice(3_000, 3_010));
});
