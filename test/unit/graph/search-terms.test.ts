import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchQuery } from '../../../src/graph/neo4j/search-query.ts';
import { searchTerms, searchWords } from '../../../src/graph/resolve/search-terms.ts';

test.each([
  ["#Harbour_Robotics's", ['harbour', 'robotics']],
  ['Ada Lind, ADA', ['ada', 'lind']],
  ['東京都', ['東京都', '京都', '都']],
  ['C++ & co', ['c++', '&', 'co']],
  ['!!', ['!!']],
  ['', []],
])('%s is found by %j', (surface, terms) => {
  expect(searchTerms(surface)).toEqual(terms);
});

test('any name is found by itself and by the beginning of it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }));
  fc.assert(
    fc.property(text, (name) => {
      const terms = searchTerms(name);
      const isFound = searchWords(name).every((word) => terms.some((term) => term.startsWith(word)));
      // Names of more words than are looked at are no names.
      expect(isFound || terms.length === 60, JSON.stringify(name)).toBe(true);
      for (const term of terms) expect(term).not.toMatch(/\s/);
    }),
    { numRuns: 500 },
  );
});

test('a search of many or long words stays small', () => {
  const words = searchWords(Array.from({ length: 1_000 }, (_, index) => `w${index}${'x'.repeat(100)}`).join(' '));
  expect([words.length, words[0]?.length]).toEqual([10, 40]);
});

test('signs and operators of Lucene are only text', () => {
  expect(searchQuery(['*:*~', 'or', 'a+b'])).toBe('\\*\\:\\*\\~* AND or* AND a\\+b*');
});
