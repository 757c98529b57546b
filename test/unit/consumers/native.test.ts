import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeNativePost, MAX_TEXT_UNITS } from '../../../src/consumers/formats/native.ts';

const GOOD = {
  id: '1',
  platform: 'x',
  text: 'Mara Lindqvist lives in Rotterdam',
  author: { id: 'a1', handle: 'mara' },
  createdAt: '2026-03-01T09:00:00Z',
};

function decode(value: unknown, context = {}) {
  return decodeNativePost(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), context);
}

function reasonOf(value: unknown): string | undefined {
  const decoded = decode(value);
  return 'rejected' in decoded ? decoded.rejected.reason : undefined;
}

test('fills in the defaults and keeps the id unchanged', () => {
  const decoded = decode({ ...GOOD, id: ' 007 ', extra: { ignored: true } });
  expect(decoded).toEqual({
    record: { ...GOOD, id: ' 007 ', createdAt: '2026-03-01T09:00:00.000Z', version: '0', images: [] },
  });
});

describe('bad input ends in a named outcome', () => {
  test.each([
    ['not JSON', '{"id": "1", ', 'parse'],
    ['an array', '[]', 'schema'],
    ['a number', '7', 'schema'],
    ['a string', '"post"', 'schema'],
    ['null', 'null', 'schema'],
    ['nested 10,000 deep', `{"id":"1","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'parse'],
    ['no id', { ...GOOD, id: undefined }, 'schema'],
    ['an empty id', { ...GOOD, id: '' }, 'schema'],
    ['a numeric id', { ...GOOD, id: 12 }, 'schema'],
    ['no text', { ...GOOD, text: undefined }, 'schema'],
    ['no author', { ...GOOD, author: undefined }, 'schema'],
    ['no platform', { ...GOOD, platform: undefined }, 'schema'],
    ['a strange platform', { ...GOOD, platform: 'X (formerly)' }, 'source'],
    ['pictures that are no list', { ...GOOD, images: 'a.jpg' }, 'schema'],
    ['a version that is no number', { ...GOOD, version: 'v2' }, 'schema'],
    ['a negative version', { ...GOOD, version: -1 }, 'schema'],
    ['a tombstone without id', { platform: 'x', deleted: true }, 'schema'],
  ])('%s', (_, value, reason) => expect(reasonOf(value)).toBe(reason));

  test('bytes that are not UTF-8', () => {
    const decoded = decodeNativePost(Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(decoded).toMatchObject({ rejected: { reason: 'decode' } });
  });
});

test('prototype keys are ignored and the prototype stays untouched', () => {
  const decoded = decode(
    '{"id":"1","platform":"x","text":"","author":{"id":"a"},"createdAt":"2026-03-01T09:00:00Z","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  );
  expect(decoded).toHaveProperty('record');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test.each(['1970-01-01T00:00:00Z', '9999-01-01T00:00:00Z', 'yesterday', 12, undefined])(
  'a date that cannot be right (%s) is replaced by when the source got the record, and flagged',
  (createdAt) => {
    const decoded = decode({ ...GOOD, createdAt }, { timestampMs: Date.UTC(2026, 0, 2) });
    expect(decoded).toMatchObject({ record: { createdAt: '2026-01-02T00:00:00.000Z', flags: ['bad_created_at'] } });
  },
);

test('a time of receipt that cannot be right either stands in for nothing', () => {
  const decoded = decode({ ...GOOD, createdAt: 'soon' }, { timestampMs: Date.UTC(2110, 0, 1) });
  expect(decoded).toMatchObject({ record: { createdAt: '1970-01-01T00:00:00.000Z', flags: ['bad_created_at'] } });
});

test('a text of 900 kB is cut without splitting a character, and flagged', () => {
  const decoded = decode({ ...GOOD, text: `a${'😀'.repeat(225_000)}` });
  if ('rejected' in decoded || decoded.record.deleted || decoded.record.event) throw new Error('expected a post');
  expect(decoded.record.flags).toEqual(['text_truncated']);
  expect(decoded.record.text).toHaveLength(MAX_TEXT_UNITS - 1);
  expect(decoded.record.text.endsWith('😀')).toBe(true);
});

test('a tombstone needs only id and platform', () => {
  expect(decode({ id: '1', platform: 'x', deleted: true, author: null })).toEqual({
    record: { id: '1', platform: 'x', deleted: true },
  });
});

test('what a source adds comes through: links, tags and mentions with their places, marks', () => {
  const added = {
    urls: ['https://example.org/lab'],
    hashtags: ['lab'],
    mentions: ['ada'],
    facets: [{ start: 0, end: 4, kind: 'mention', value: 'ada' }],
    sensitive: true,
    flags: ['media_missing'],
  };
  expect(decode({ ...GOOD, ...added })).toMatchObject({ record: added });
  const outside = [
    ...added.facets,
    { start: 3, end: 3, kind: 'url', value: 'x' },
    { start: 3, end: 99, kind: 'url', value: 'x' },
  ];
  expect(decode({ ...GOOD, ...added, facets: outside })).toMatchObject({ record: { facets: added.facets } });
});

test('no bytes at all make it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((json) => Buffer.from(json)),
      ),
      (bytes) => {
        decodeNativePost(bytes);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['2026-05-15T09:00:00', '2026-05-15T09:00:00.000Z'],
  ['2026-05-15T09:00:00+02:00', '2026-05-15T07:00:00.000Z'],
  ['2026-05-15T09:00Z', '2026-05-15T09:00:00.000Z'],
  ['2026-05-15', '2026-05-15T00:00:00.000Z'],
  ['2026-05-15 09:00:00.123456Z', '2026-05-15T09:00:00.123Z'],
])('the date %s is %s on every machine, whatever its time zone', (createdAt, instant) => {
  expect(decode({ ...GOOD, createdAt })).toMatchObject({ record: { createdAt: instant } });
});

test.each(['Tue Feb 03 2026', '02/03/2026', '2026-13-45T00:00:00Z', '1747299600000'])('%s is no date', (createdAt) => {
  expect(decode({ ...GOOD, createdAt })).toMatchObject({ record: { flags: ['bad_created_at'] } });
});
