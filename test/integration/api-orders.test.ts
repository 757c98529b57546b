import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clubPosts, MEMBER } from '../helpers/api-clubs.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const FACTS = `query ($first: Int, $after: String, $orderBy: FactOrder, $type: String, $filter: FilterGroup, $entity: ID) {
  facts(first: $first, after: $after, orderBy: $orderBy, type: $type, filter: $filter, entity: $entity) {
    totalCount edges { node { id confidence evidenceCount lastSeen } } pageInfo { hasNextPage endCursor } } }`;
const ENTITIES = `query ($first: Int, $after: String, $orderBy: EntityOrder, $type: String, $query: String) {
  entities(first: $first, after: $after, orderBy: $orderBy, type: $type, query: $query) {
    totalCount edges { node { id name type mentionCount lastSeen } } pageInfo { hasNextPage endCursor } } }`;

/** Beyond the posts that one look reads, most of one time, and some of another relation. */
const crowd = Array.from({ length: 120 }, (_, i) =>
  sketch({
    id: `c${i}`,
    minute: i % 7 === 0 ? 40 + (i % 3) : 30,
    text: `[Person ${i % 50}|PER] waves, [Club ${i % 5}|ORG] waves back, in words of number ${i}`,
    relations:
      i % 4 === 0 ? [{ type: i % 8 === 0 ? MEMBER : '/per/org/fan_of', head: 0, tail: 1, p: 0.5 + (i % 9) / 20 }] : [],
  }),
);

describe.each(graphAdapters())('orders on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
    await api.store.replacePosts([...clubPosts(), ...crowd]);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  /** Everything in a list, read in pages of so many. */
  async function all(query: string, list: 'facts' | 'entities', variables: object, first = 100): Promise<any[]> {
    const nodes: any[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data, errors }: any = await api.query(query, { ...variables, first, after });
      expect(errors).toBeUndefined();
      nodes.push(...data[list].edges.map((edge: any) => edge.node));
      more = data[list].pageInfo.hasNextPage;
      after = data[list].pageInfo.endCursor;
    }
    return nodes;
  }

  const highest = (of: (node: any) => number) => (a: any, b: any) => of(b) - of(a) || (a.id < b.id ? -1 : 1);
  const values = {
    CONFIDENCE: (fact: any) => fact.confidence,
    EVIDENCE: (fact: any) => fact.evidenceCount,
    LAST_SEEN: (fact: any) => Date.parse(fact.lastSeen),
  };

  test.each(['CONFIDENCE', 'EVIDENCE', 'LAST_SEEN'] as const)(
    'facts by %s, of all, of some, of an entity',
    async (orderBy) => {
      const filter = { filters: [{ key: 'tail.name', operator: 'starts_with', values: ['Club'] }] };
      const { data } = await api.query('{ entity(name: "Club 2") { id } }');
      for (const some of [{}, { type: MEMBER }, { filter }, { entity: data.entity.id }]) {
        const newest = await all(FACTS, 'facts', some);
        expect(newest.length).toBeGreaterThan(3);
        const expected = newest.toSorted(highest(values[orderBy]));
        expect(await all(FACTS, 'facts', { ...some, orderBy })).toEqual(expected);
        expect(await all(FACTS, 'facts', { ...some, orderBy }, 3)).toEqual(expected);
      }
    },
  );

  test('the facts of an entity have these orders, too', async () => {
    const ids = async (args: string) => {
      const { data } = await api.query(
        `{ entity(name: "Club 2") { facts(${args}) { edges { node { id confidence } } } } }`,
      );
      return data.entity.facts.edges.map((edge: any) => edge.node);
    };
    const newest = await ids('first: 50');
    expect(await ids('first: 2, orderBy: CONFIDENCE')).toEqual(newest.toSorted(highest(values.CONFIDENCE)).slice(0, 2));
    expect(await ids('first: 50, orderBy: CONFIDENCE, direction: OUT')).toEqual([]);
  });

  test('entities by when posts mentioned them last, also those of one type', async () => {
    for (const some of [{}, { type: 'ORG' }, { type: 'PER' }]) {
      const named = await all(ENTITIES, 'entities', some);
      const expected = named.toSorted(highest((entity) => Date.parse(entity.lastSeen)));
      expect(await all(ENTITIES, 'entities', { ...some, orderBy: 'ACTIVITY' })).toEqual(expected);
      expect(await all(ENTITIES, 'entities', { ...some, orderBy: 'ACTIVITY' }, 7)).toEqual(expected);
    }
  });

  test('what a search finds by the number of mentions', async () => {
    const some = { query: 'per' };
    const named = await all(ENTITIES, 'entities', some);
    expect(named).toHaveLength(50);
    const expected = named.toSorted(highest((entity) => entity.mentionCount));
    expect(expected).not.toEqual(named);
    expect(await all(ENTITIES, 'entities', { ...some, orderBy: 'MENTIONS' })).toEqual(expected);
    expect(await all(ENTITIES, 'entities', { ...some, orderBy: 'MENTIONS' }, 8)).toEqual(expected);
    expect(await all(ENTITIES, 'entities', { ...some, type: 'ORG', orderBy: 'MENTIONS' })).toEqual([]);
  });

  test('an order that cannot be had is said, and a cursor is one of its order', async () => {
    const codeOf = async (query: string) => (await api.query(query)).errors?.[0]?.extensions.code;
    expect(await codeOf('{ entities(orderBy: MENTIONS) { totalCount } }')).toBe('BAD_REQUEST');
    expect(await codeOf('{ entities(orderBy: MENTIONS, query: " ") { totalCount } }')).toBe('BAD_REQUEST');
    expect(await codeOf('{ entities(orderBy: ACTIVITY, query: "club") { totalCount } }')).toBe('BAD_REQUEST');
    expect(await codeOf('{ facts(orderBy: EVIDENCE, asOf: "2026-03-01") { totalCount } }')).toBe('BAD_REQUEST');
    const { data } = await api.query('{ facts(first: 1, orderBy: EVIDENCE) { pageInfo { endCursor } } }');
    const after = data.facts.pageInfo.endCursor;
    for (const orderBy of ['NEWEST', 'CONFIDENCE', 'LAST_SEEN']) {
      expect(await codeOf(`{ facts(after: "${after}", orderBy: ${orderBy}) { totalCount } }`)).toBe('BAD_CURSOR');
    }
  });
});
