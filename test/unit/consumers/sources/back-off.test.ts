import { expect, test } from 'vitest';
import { connectionErrorOf } from '../../../../src/consumers/sources/answers.ts';
import { BackOff } from '../../../../src/consumers/sources/back-off.ts';
import type { DisconnectReason } from '../../../../src/consumers/sources/live-connection.ts';

const delays = (reason: DisconnectReason, count: number, livedMs = 0) => {
  const backOff = new BackOff();
  return Array.from({ length: count }, () => backOff.next({ reason, livedMs }));
};

test('faults of the network are waited for in even steps up to 16 s', () => {
  expect(delays('network', 4)).toEqual([250, 500, 750, 1000]);
  expect(delays('closed', 100).at(-1)).toBe(16_000);
});

test('errors of the server double from 5 s to 320 s, refusals for going too fast from a minute', () => {
  expect(delays('http', 9)).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 320_000, 320_000]);
  expect(delays('rate_limited', 6)).toEqual([60_000, 120_000, 240_000, 480_000, 960_000, 960_000]);
});

test('a connection that lasted is made again at once, and begins the count anew', () => {
  const backOff = new BackOff();
  backOff.next({ reason: 'http', livedMs: 0 });
  backOff.next({ reason: 'http', livedMs: 0 });
  expect(backOff.next({ reason: 'closed', livedMs: 60_000 })).toBe(0);
  expect(backOff.next({ reason: 'network', livedMs: 0 })).toBe(500);
});

test('what the server asks for is waited for, within an hour', () => {
  const backOff = new BackOff();
  expect(backOff.next({ reason: 'rate_limited', waitMs: 7000, livedMs: 0 })).toBe(7000);
  expect(backOff.next({ reason: 'http', waitMs: 1e12, livedMs: 0 })).toBe(3_600_000);
  expect(backOff.next({ reason: 'http', waitMs: 0, livedMs: 0 })).toBe(250);
});

const now = Date.parse('2026-01-02T03:04:05Z');

test.each([
  [429, { 'retry-after': '120' }, 'rate_limited', 120_000],
  [429, { 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' }, 'rate_limited', 60_000],
  [429, { 'x-rate-limit-reset': String(now / 1000 + 30) }, 'rate_limited', 30_000],
  [429, { 'x-ratelimit-reset': '2026-01-02T03:04:15.000Z' }, 'rate_limited', 10_000],
  [429, { 'retry-after': 'soon' }, 'rate_limited', undefined],
  [429, { 'x-rate-limit-reset': '1' }, 'rate_limited', 0],
  [503, { 'retry-after': '3' }, 'http', 3000],
  [503, { 'x-rate-limit-reset': String(now / 1000 + 30) }, 'http', undefined],
  [500, {}, 'http', undefined],
  [401, { 'retry-after': '3' }, 'refused', undefined],
  [302, { location: 'http://169.254.169.254/' }, 'refused', undefined],
])('%s with %j is %s', (status, headers, reason, waitMs) => {
  expect(connectionErrorOf('x', { status, headers, body: '' }, now)).toMatchObject({ reason, waitMs });
});

test.each([
  ['{"title":"A","detail":"b"}', '(A: b)'],
  ['{"error":"no"}', '(no)'],
  ['<html>\u001b[31m red', '(<html> [31m red)'],
  ['', '429'],
])('a body %j is told as %s', (body, told) => {
  expect(connectionErrorOf('x', { status: 429, headers: {}, body }).message).toContain(told);
});
