import { expect, test } from 'vitest';
import { pauseAfter } from '../../../src/alerts/retry.ts';

test('ten attempts in a little more than three days, each pause up to a tenth longer', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempts) => pauseAfter(attempts, 0) ?? 0);
  expect(pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000).toBeCloseTo(75.58, 1);
  expect([pauseAfter(1, 0), pauseAfter(1, 1)]).toEqual([5_000, 5_500]);
  expect(pauseAfter(10, 0)).toBeUndefined();
});
