import { expect, test } from 'vitest';
import { isLoopbackHost, refuseForeign } from '../../../src/access/host-guard.ts';

test.each(['localhost', 'localhost:4000', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:65535', '[::1]', '[::1]:4000'])(
  'answers to the host %s',
  (host) => {
    expect(refuseForeign({ host })).toBeUndefined();
  },
);

test.each([
  undefined,
  '',
  'evil.com',
  'evil.com:4000',
  'localhost.evil.com',
  'evil.com#localhost',
  'localhost@evil.com',
  'user@localhost',
  '127.0.0.1.nip.io',
  '127.0.0.2',
  '0.0.0.0:4000',
  '10.0.0.1',
  '::1',
  'localhost:4000/x',
  'localhost:4000 ',
  'localhost.',
])('refuses the host %s', (host) => {
  expect(refuseForeign(host === undefined ? {} : { host })).toBeDefined();
});

test.each(['http://localhost:4000', 'http://127.0.0.1:4000', 'https://[::1]:4000'])(
  'accepts its own page %s',
  (origin) => {
    expect(refuseForeign({ host: 'localhost:4000', origin })).toBeUndefined();
  },
);

test('knows that a browser leaves out the standard port', () => {
  expect(refuseForeign({ host: 'localhost', origin: 'http://localhost' })).toBeUndefined();
  expect(refuseForeign({ host: 'localhost:80', origin: 'http://localhost' })).toBeUndefined();
});

test.each([
  'null',
  '',
  'https://evil.com',
  'http://evil.com:4000',
  'http://localhost:5173',
  'http://localhost:4000.evil.com',
  'http://localhost',
  'file://',
  'chrome-extension://abc',
  'http://localhost:4000@evil.com',
])('refuses the page %j', (origin) => {
  expect(refuseForeign({ host: 'localhost:4000', origin })).toBeDefined();
});

test('refuses what another site embeds, but not a link that somebody follows', () => {
  const headers = { host: 'localhost:4000', 'sec-fetch-site': 'cross-site' };
  expect(refuseForeign({ ...headers, 'sec-fetch-mode': 'no-cors' })).toBeDefined();
  expect(refuseForeign({ ...headers, 'sec-fetch-mode': 'navigate' })).toBeUndefined();
  expect(refuseForeign({ host: 'localhost:4000', 'sec-fetch-site': 'same-origin' })).toBeUndefined();
});

test('only addresses of this machine are loopback', () => {
  expect(['localhost', '127.0.0.1', '::1'].every(isLoopbackHost)).toBe(true);
  expect(['0.0.0.0', '::', '', '192.168.1.5', 'example.com', '127.0.0.1.evil.com'].some(isLoopbackHost)).toBe(false);
});
