import { expect, test } from 'vitest';
import { trendOf, trendWindows } from '../../../src/graph/activity.ts';

const query = { untilMs: 1000, windowMs: 100, first: 10 };

test('two windows of one length end where the question does', () => {
  expect(trendWindows(query)).toEqual({ beforeMs: 800, sinceMs: 900, untilMs: 1000 });
});

test.each([
  [950, { beforeMs: 950, sinceMs: 975, untilMs: 1000 }],
  [951, { beforeMs: 952, sinceMs: 976, untilMs: 1000 }],
  [1000, { beforeMs: 1000, sinceMs: 1000, untilMs: 1000 }],
  [10, { beforeMs: 800, sinceMs: 900, untilMs: 1000 }],
])('posts from %i on make them shorter, both alike', (limit, windows) => {
  expect(trendWindows(query, limit)).toEqual(windows);
});

test('a rise stands out the more, the less chance makes it', () => {
  const score = (mentions: number, before: number) => trendOf({ entityId: 'x', mentions, before }).score;
  expect(score(5, 0)).toBeCloseTo(2.24, 2);
  expect(score(40, 22)).toBeCloseTo(2.29, 2);
  expect(score(105, 100)).toBeLessThan(score(5, 0));
});
