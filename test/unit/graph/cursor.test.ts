import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../src/graph/cursor.ts';
import { parseGraphUrl } from '../../../src/graph/graph-url.ts';
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

test.each([
  ['sqlite:grapevine.db', { kind: 'sqlite', path: 'grapevine.db' }],
  ['sqlite:/data/a b.db', { kind: 'sqlite', path: '/data/a b.db' }],
  ['sqlite:///data/a.db', { kind: 'sqlite', path: '/data/a.db' }],
  ['neo4j://host:7687', { kind: 'neo4j', url: 'neo4j://host:7687' }],
  ['bolt+s://host', { kind: 'neo4j', url: 'bolt+s://host' }],
])('%s is understood', (url, location) => {
  expect(parseGraphUrl(url)).toEqual(location);
});

test.each(['', 'sqlite:', 'sqlite::memory:', 'neo4j:host', 'mysql://u:secret@host', 'grapevine.db'])(
  '%j is refused',
  (url) => {
    expect(() => parseGraphUrl(url)).toThrow(expect.objectContaining({ code: 'GRAPH_SCHEME' }));
    expect(() => parseGraphUrl(url)).not.toThrow(/secret/);
  },
);

test('types become names that are safe in a statement, or none', () => {
  expect(cypherName('/per/org/member_of')).toBe('PER_ORG_MEMBER_OF');
  expect(cypherName('PER')).toBe('PER');
  expect(cypherName("x`]->() DETACH DELETE n //'")).toBe('X_DETACH_DELETE_N');
  for (const type of ['', '//', '1st', 'Ü']) expect(cypherName(type)).toBeUndefined();
});
