import { expect, test } from 'vitest';
import { PictureLinks } from '../../../../src/api/pictures/picture-links.ts';

const SHA = 'ab'.repeat(32);
const HOUR_MS = 3_600_000;
const clock = { nowMs: Date.UTC(2026, 2, 1, 12, 30) };
const links = (key = 'k'.repeat(32)) => new PictureLinks({ key, clock: () => clock.nowMs });

test('an address is read back as its picture, for an hour or two', () => {
  const path = links().pathOf(SHA);
  expect(links().read(path)).toEqual({ sha256: SHA, seconds: 5400 });
  clock.nowMs += 1.5 * HOUR_MS - 1000;
  expect(links().read(path)).toEqual({ sha256: SHA, seconds: 1 });
  clock.nowMs += 1000;
  expect(links().read(path)).toBeUndefined();
});

test('within an hour all addresses of a picture are one', () => {
  clock.nowMs = Date.UTC(2026, 2, 1, 12);
  const path = links().pathOf(SHA);
  clock.nowMs += HOUR_MS - 1;
  expect(links().pathOf(SHA)).toBe(path);
  clock.nowMs += 1;
  expect(links().pathOf(SHA)).not.toBe(path);
});

test('nothing about an address may be changed', () => {
  const path = links().pathOf(SHA);
  const expires = Number(/expires=(\d+)/.exec(path)?.[1]);
  for (const wrong of [
    path.replace(SHA, 'ac'.repeat(32)),
    path.replace(String(expires), String(expires + 3600)),
    path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    path.replace(/&signature=.*/, ''),
    path.replace(/signature=.*/, 'signature='),
    `${path}&x=1`,
    path.replace('/pictures/', '/pictures/../pictures/'),
    path.toUpperCase(),
    '/pictures/',
    '',
  ])
    expect(links().read(wrong), wrong).toBeUndefined();
});

test('another key, and a random one, makes other addresses', () => {
  const path = links().pathOf(SHA);
  expect(links('x'.repeat(32)).read(path)).toBeUndefined();
  const random = links('');
  expect(random.read(random.pathOf(SHA))).toMatchObject({ sha256: SHA });
  expect(links('').read(random.pathOf(SHA))).toBeUndefined();
});
