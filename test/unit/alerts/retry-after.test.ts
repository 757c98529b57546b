import { expect, test } from 'vitest';
import { readRetryAfter } from '../../../src/alerts/http/retry-after.ts';

const NOW = Date.parse('2026-05-15T08:00:00Z');

test.each([
  ['120', 120_000],
  ['Fri, 15 May 2026 08:02:00 GMT', 120_000],
  ['Fri, 15 May 2026 07:00:00 GMT', 0],
  ['999999', 86_400_000],
  ['soon', undefined],
  [undefined, undefined],
])('%s', (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});
