import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPublicAddress } from '../../../src/network/public-address.ts';
import { checkWebUrl } from '../../../src/network/web-url.ts';

const STRICT = { allowAddress: isPublicAddress, allowPort: () => true };

/** First and last address of ranges that are not public. */
const PRIVATE_V4: readonly (readonly [string, string])[] = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['168.63.129.16', '168.63.129.16'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
];

const NOT_PUBLIC = `
  :: ::1 ::7f00:1 ::127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808
  64:ff9b:1::1 100::1 2001::1 2001:10::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 2002:808:808::
  2620:4f:8000::1 3fff::1 4000::1 5f00::1 1fff::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
  2001:4860:4860::8888%1 fe80::1%eth0 example.org 1.2.3 8.8.8.8. 8.8.8.8/32 [2001:4860:4860::8888]
`
  .trim()
  .split(/\s+/);

const PUBLIC = `
  1.1.1.1 8.8.8.8 168.63.129.15 168.63.129.17 192.0.1.1 223.255.255.255 2001:200::1 2001:4860:4860::8888
  2606:4700::1111 2a00:1450:4001::1 3ffe::1
`
  .trim()
  .split(/\s+/);

test.each(PRIVATE_V4)('%s to %s is not public, and its neighbours are', (first, last) => {
  const [low, high] = [toNumber(first), toNumber(last)];
  for (const value of [low, high]) expect(isPublicAddress(dotted(value))).toBe(false);
  if (low > 0) expect(isPublicAddress(dotted(low - 1))).toBe(true);
  if (high < 0xffffffff) expect(isPublicAddress(dotted(high + 1))).toBe(true);
});

test.each(['', ' 8.8.8.8', ...NOT_PUBLIC])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(PUBLIC)('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('any spelling of a private IPv4 address in a URL is refused', () => {
  fc.assert(
    fc.property(
      privateV4(),
      fc.constantFrom(...SPELLINGS_V4),
      fc.constantFrom('http:', 'https:'),
      (value, spell, scheme) => {
        expect(checkWebUrl(`${scheme}//${spell(value)}/a.png`, STRICT)).toEqual({ outcome: 'blocked_address' });
      },
    ),
    { numRuns: 2000 },
  );
});

test('a public IPv4 address is let through in each of these spellings, so that the test above proves something', () => {
  for (const spell of SPELLINGS_V4.filter((spell) => !spell(0).startsWith('['))) {
    expect(checkWebUrl(`http://${spell(toNumber('8.8.4.4'))}/`, STRICT)).toHaveProperty('url');
  }
});

test('any spelling of an IPv6 address outside the public range is refused', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const outside = fc.integer({ min: 0, max: 0xffff }).filter((first) => first >> 13 !== 1);
  const special = fc.constantFrom([0x2001, 0], [0x2001, 0xdb8], [0x2002, 0x7f00], [0x3fff, 0]);
  const start = fc.oneof(fc.tuple(outside, group), special);
  const rest = fc.array(fc.oneof(group, fc.constant(0)), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(start, rest, fc.constantFrom(...SPELLINGS_V6), (first, others, spell) => {
      expect(checkWebUrl(`http://[${spell([...first, ...others])}]/`, STRICT)).toEqual({
        outcome: 'blocked_address',
      });
    }),
    { numRuns: 2000 },
  );
});

/** Ways to write an IPv4 address that a URL parser, or an IPv6 stack, takes for that address. */
const SPELLINGS_V4: readonly ((value: number) => string)[] = [
  (value) => dotted(value),
  (value) => `${dotted(value)}.`,
  (value) => String(value),
  (value) => `0x${value.toString(16)}`,
  (value) => `0X${value.toString(16).toUpperCase()}`,
  (value) => `0${value.toString(8)}`,
  (value) =>
    octets(value)
      .map((octet) => `0x${octet.toString(16)}`)
      .join('.'),
  (value) =>
    octets(value)
      .map((octet) => `000${octet.toString(8)}`)
      .join('.'),
  (value) => `${value >>> 24}.${value & 0xffffff}`,
  (value) => `${value >>> 24}.0x${((value >>> 16) & 0xff).toString(16)}.${value & 0xffff}`,
  (value) => [...dotted(value)].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
  (value) => dotted(value).replaceAll('.', '。'),
  (value) => dotted(value).replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (value) => `[::ffff:${dotted(value)}]`,
  (value) => `[::FFFF:${hextets(value)}]`,
  (value) => `[0:0:0:0:0:ffff:${hextets(value)}]`,
  (value) => `[::${dotted(value)}]`,
  (value) => `[::${hextets(value)}]`,
  (value) => `[::ffff:0:${dotted(value)}]`,
  (value) => `[64:ff9b::${dotted(value)}]`,
  (value) => `[64:ff9b:1::${hextets(value)}]`,
  (value) => `[2002:${hextets(value)}::]`,
  (value) => `[2001:0:0:0:0:0:${hextets(value ^ 0xffffffff)}]`,
];

const SPELLINGS_V6: readonly ((groups: readonly number[]) => string)[] = [
  (groups) => groups.map((group) => group.toString(16)).join(':'),
  (groups) => groups.map((group) => group.toString(16).padStart(4, '0').toUpperCase()).join(':'),
  (groups) =>
    groups
      .map((group) => group.toString(16))
      .join(':')
      .replace(/(?<![^:])0(:0)+(?![^:])/, ':')
      .replace(/:{3,}/, '::'),
  (groups) => {
    const [high = 0, low = 0] = groups.slice(6);
    return `${groups
      .slice(0, 6)
      .map((group) => group.toString(16))
      .join(':')}:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  },
];

function privateV4(): fc.Arbitrary<number> {
  return fc.oneof(
    ...PRIVATE_V4.map(([first, last]) => fc.integer({ min: toNumber(first), max: toNumber(last) })),
    fc.constantFrom(...['127.0.0.1', '169.254.169.254', '100.100.100.200', '192.0.0.192'].map(toNumber)),
  );
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function octets(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function dotted(value: number): string {
  return octets(value).join('.');
}

function hextets(value: number): string {
  return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
}
