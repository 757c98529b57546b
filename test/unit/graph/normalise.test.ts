import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalise } from '../../../src/graph/resolve/normalise.ts';
import { storable } from '../../../src/graph/resolve/storable.ts';

test.each([
  ['Ada Lind', 'ada lind'],
  ['  ADA\u00a0\tLind. ', 'ada lind'],
  ['@ada_lind', 'ada lind'],
  ['#HarbourRobotics', 'harbourrobotics'],
  ["Harbour Robotics's", 'harbour robotics'],
  ['Harbour’s', 'harbour'],
  ['Café de la Cité', 'cafe de la cite'],
  ['Straße', 'strasse'],
  ['ΟΔΟΣ', 'οδοσ'],
  ['U.S.', 'us'],
  ['O’Neil', 'oneil'],
  ['AT&T', 'at&t'],
  ['C++', 'c++'],
  ['C#', 'c#'],
  ['ﬁnance', 'finance'],
  ['हिन्दी', 'हिन्दी'],
  ['東京', '東京'],
])('%s is known as %s', (text, key) => {
  expect(normalise(text)).toBe(key);
});

test('text that holds only signs is its own key', () => {
  for (const text of ['@', '##', '...', "'s", '%', '_']) expect(normalise(text)).toBe(text);
  expect(normalise(' ')).toBe(' ');
});

test('never throws, never gives an empty key for text, and is stable under itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), signs), (text) => {
      const key = normalise(text);
      if (text !== '') expect(key).not.toBe('');
      expect(normalise(key)).toBe(key);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('storable text keeps its length, has no NUL and survives UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const kept = storable(`${text}\0\ud800`);
      expect(kept).toHaveLength(text.length + 2);
      expect(kept).not.toContain('\0');
      expect(Buffer.from(kept).toString()).toBe(kept);
    }),
    { seed: 2 },
  );
});

const signs = fc.string({
  unit: fc.constantFrom('#', '@', "'", 's', '’', '.', ' ', '_', 'a', 'İ', 'ß', '\u0301', '&'),
});
