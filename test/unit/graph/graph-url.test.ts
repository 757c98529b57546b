import { expect, test } from 'vitest';
import { maskUrl, parseGraphUrl } from '../../../src/graph/graph-url.ts';

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

test.each(['neo4j://u:p/secret@h:1', 'neo4j://secret:p@w@h', 'bolt+s://secret@h', 'NEO4J://u:secret@h/?a=b'])(
  'credentials in %s are refused and not repeated',
  (url) => {
    const parsing = () => parseGraphUrl(url);
    expect(parsing).toThrow(expect.objectContaining({ code: 'GRAPH_SCHEME' }));
    expect(parsing).toThrow(/NEO4J_USERNAME and NEO4J_PASSWORD/);
    expect(parsing).not.toThrow(/secret|p@|w@/);
  },
);

test.each([
  ['neo4j://u:p/w@h:1', 'neo4j://***@h:1'],
  ['neo4j://u:p@w@h', 'neo4j://***@h'],
  ['u:p@h:7687', '***@h:7687'],
  ['neo4j:/u:p@h', '***@h'],
  ['neo4j://h:7687', 'neo4j://h:7687'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown);
});
