import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confidenceOf, FactTally, type Support, weightOf } from '../../../src/graph/resolve/confidence.ts';
import { factNumbers } from '../../helpers/graph-oracle.ts';

const row = (postId: string, more: Partial<Support> = {}): Support => ({
  postId,
  authorId: postId,
  sourceKey: `text:${postId}`,
  eventMs: 0,
  p: 0.5,
  ...more,
});

const support = fc.record({
  authorId: fc.constantFrom('a', 'b', 'c'),
  sourceKey: fc.constantFrom('text:x', 'text:y', 'post:0', 'post:1', 'post:2'),
  eventMs: fc.nat(3),
  p: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('no evidence, no numbers', () => {
  expect(factNumbers([])).toBeUndefined();
});

test('independent sources add up to a noisy-or', () => {
  const numbers = factNumbers([row('1', { p: 0.5, eventMs: 7 }), row('2', { p: 0.8, eventMs: 3 })]);
  expect(numbers).toMatchObject({
    confidence: expect.closeTo(0.9, 7),
    maxConfidence: 0.8,
    evidenceCount: 2,
    sourceCount: 2,
    authorCount: 2,
    firstSeenMs: 3,
    lastSeenMs: 7,
  });
});

test('copies of one source are one, with the largest p', () => {
  const numbers = factNumbers([row('1', { sourceKey: 'text:x', p: 0.5 }), row('2', { sourceKey: 'text:x', p: 0.8 })]);
  expect(numbers).toMatchObject({ confidence: expect.closeTo(0.8, 7), sourceCount: 1, authorCount: 2 });
});

test('an author who says it twice is one source', () => {
  const numbers = factNumbers([row('1', { authorId: 'a' }), row('2', { authorId: 'a', p: 0.7 })]);
  expect(numbers).toMatchObject({ confidence: expect.closeTo(0.7, 7), sourceCount: 1, authorCount: 1 });
});

test('only the earliest of a group speaks for its author', () => {
  const copied = row('2', { authorId: 'a', sourceKey: 'text:x', eventMs: 5 });
  const original = row('1', { authorId: 'b', sourceKey: 'text:x', eventMs: 1 });
  expect(factNumbers([copied, original, row('3', { authorId: 'a', eventMs: 9 })])?.sourceCount).toBe(2);
  expect(factNumbers([copied, original, row('3', { authorId: 'b', eventMs: 9 })])?.sourceCount).toBe(1);
});

test('a repost is no second source next to its root post, through any chain and circle', () => {
  const reposts = [row('2', { sourceKey: 'post:1' }), row('3', { sourceKey: 'post:2' })];
  expect(factNumbers([row('1'), ...reposts])?.sourceCount).toBe(1);
  expect(factNumbers(reposts)?.sourceCount).toBe(1);
  const circle = [row('1', { sourceKey: 'post:2' }), row('2', { sourceKey: 'post:1' })];
  expect(factNumbers(circle)?.sourceCount).toBe(1);
});

test('certainty is bounded', () => {
  expect(factNumbers([row('1', { p: 1 })])?.confidence).toBeCloseTo(0.99, 8);
  expect(factNumbers([row('1', { p: 1 })])?.maxConfidence).toBe(1);
});

test('weights are whole numbers whose sum stays exact for any number of sources', () => {
  expect(weightOf(0)).toBe(0);
  expect(weightOf(0.5)).toBe(69_314_718);
  expect(weightOf(1)).toBe(weightOf(0.99));
  expect(10_000_000 * weightOf(1)).toBeLessThan(Number.MAX_SAFE_INTEGER);
  expect(confidenceOf(0)).toBe(0);
  expect(confidenceOf(weightOf(0.5) + weightOf(0.8))).toBeCloseTo(0.9, 7);
});

test('a tally that changes step by step has the numbers of what it holds', () => {
  const step = fc.record({ post: fc.nat(5), gone: fc.boolean(), more: support });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const tally = new FactTally([]);
      const held = new Map<string, Support>();
      for (const { post, gone, more } of steps) {
        const next = row(`${post}`, more);
        if (gone) tally.delete(next.postId);
        else tally.set(next);
        if (gone) held.delete(next.postId);
        else held.set(next.postId, next);
        expect(tally.numbers()).toEqual(factNumbers([...held.values()]));
      }
    }),
    { numRuns: 1000, seed: 7 },
  );
});

test('the order of evidence does not matter, to the last bit', () => {
  const evidence = fc
    .array(support, { minLength: 1, maxLength: 8 })
    .map((rows) => rows.map((more, i) => row(`${i}`, more)));
  fc.assert(
    fc.property(
      evidence.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
      ([rows, shuffled]) => {
        const numbers = factNumbers(rows);
        expect(factNumbers(shuffled)).toEqual(numbers);
        expect(numbers?.confidence).toBeLessThan(1);
        expect(numbers?.sourceCount).toBeLessThanOrEqual(numbers?.authorCount ?? 0);
      },
    ),
    { numRuns: 500, seed: 3 },
  );
});
