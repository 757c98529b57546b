import fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentsOf } from '../../../web/src/text/segments.ts';
import { ago, relationWords, safeAddress } from '../../../web/src/text/words.ts';

test('the pieces of a text are the text, whatever spans it is cut at', () => {
  const span = fc.record({ start: fc.integer({ min: -5, max: 40 }), end: fc.integer({ min: -5, max: 40 }) });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.array(span), (text, spans) => {
      const segments = segmentsOf(text, spans);
      expect(segments.map((segment) => segment.text).join('')).toBe(text);
      for (const { text: piece, span } of segments) if (span) expect(text.slice(span.start, span.end)).toBe(piece);
    }),
  );
});

test('of spans that overlap, the first and longest is marked', () => {
  const spans = [
    { start: 4, end: 7 },
    { start: 0, end: 3 },
    { start: 0, end: 6 },
  ];
  expect(segmentsOf('New York Times', spans)).toEqual([
    { text: 'New Yo', span: { start: 0, end: 6 } },
    { text: 'rk Times', span: undefined },
  ]);
});

test('only addresses of the web are followed', () => {
  expect(safeAddress('https://example.com/a b')).toBe('https://example.com/a%20b');
  for (const url of [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'no address',
    '//example.com',
    null,
  ]) {
    expect(safeAddress(url)).toBeUndefined();
  }
});

test('types and times are told in words', () => {
  expect(relationWords('/per/org/member_of')).toBe('member of');
  expect(relationWords('KNOWS')).toBe('knows');
  expect(ago('2026-03-01T12:00:00Z', Date.parse('2026-03-01T12:00:10Z'))).toBe('just now');
  expect(ago('2026-03-01T12:00:00Z', Date.parse('2026-03-01T15:00:10Z'))).toMatch(/^3 ?h/);
});
