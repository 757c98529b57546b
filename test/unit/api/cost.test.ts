import { getIntrospectionQuery, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createApiSchema } from '../../../src/api/api-schema.ts';
import { costOf } from '../../../src/api/cost.ts';

const schema = createApiSchema();
const cost = (query: string, variables?: Record<string, unknown>) =>
  costOf({ schema, document: parse(query), variables });

test('counts the objects of a full page: connection, edges and nodes', () => {
  expect(cost('{ entities(first: 100) { totalCount edges { node { name } } } }')).toBe(201);
});

test('a page without a length counts as the 20 items it has', () => {
  expect(cost('{ entities { edges { node { name } } } }')).toBe(41);
});

test('knows the values and defaults of variables', () => {
  const query = 'query ($n: Int = 10) { entities(first: $n) { edges { node { name } } } }';
  expect(cost(query)).toBe(21);
  expect(cost(query, { n: 100 })).toBe(201);
});

test('pages inside pages multiply', () => {
  const inner = 'facts(first: 10) { edges { node { type } } }';
  expect(cost(`{ entities(first: 10) { edges { node { ${inner} } } } }`)).toBe(1 + 10 * (1 + 1 + 21));
});

test('fragments count wherever they are spread', () => {
  const fragment = 'fragment F on Entity { facts(first: 10) { edges { node { type } } } }';
  const spread = `{ a: entity(name: "a") { ...F } b: entity(name: "b") { ... on Entity { ...F } } } ${fragment}`;
  expect(cost(spread)).toBe(2 * (1 + 21));
});

test('a chain of fragments that doubles at every step is counted at once', () => {
  const steps = Array.from({ length: 40 }, (_, i) => {
    const next = `node { head { ...F${i + 1} } tail { ...F${i + 1} } }`;
    return `fragment F${i} on Entity { facts(first: 1) { edges { ${next} } } }`;
  });
  const query = `{ entity(name: "a") { ...F0 } } ${steps.join('\n')} fragment F40 on Entity { name }`;
  expect(cost(query)).toBeGreaterThan(2 ** 40);
});

test('a list of ids counts each of them', () => {
  expect(cost('{ nodes(ids: ["a", "b", "c"]) { id ... on Fact { head { name } } } }')).toBe(6);
});

test('introspection is free', () => {
  expect(cost(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toBe(0);
});

test.each(['first: 101', 'first: 0', 'first: -1', 'first: 2147483647'])('refuses %s at any depth', (page) => {
  const query = `{ entity(name: "nobody") { facts { edges { node { evidence(${page}) { edges { cursor } } } } } } }`;
  expect(() => cost(query)).toThrowError(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
