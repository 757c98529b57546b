import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../src/graph/cursor.ts';
import { cypherName } from '../../../src/graph/neo4j/names.ts';

test('a cursor gives back its key', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, id) => {
      expect(decodeCursor('entities', encodeCursor('entities', [name, id]))).toEqual([name, id]);
    }),
    { seed: 5 },
  );
  expect(decodeCursor('facts', undefined)).toBeUndefined();
});

test('any other text is a bad cursor', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor('facts', text)).toThrow(expect.objectContaining({ code: 'BAD_CURSOR' }));
    }),
    { seed: 6 },
  );
});

test('types become names that are safe in a statement, or none', () => {
  expect(cypherName('/per/org/member_of')).toBe('PER_ORG_MEMBER_OF');
  expect(cypherName('PER')).toBe('PER');
  expect(cypherName("x`]->() DETACH DELETE n //'")).toBe('X_DETACH_DELETE_N');
  for (const type of ['', '//', '1st', 'Ü']) expect(cypherName(type)).toBeUndefined();
});
