import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRules } from '../../src/alerts/rule-file.ts';
import { clubPosts, MEMBER } from '../helpers/api-clubs.ts';
import { subscribe } from '../helpers/api-events.ts';
import { deletion, sketch } from '../helpers/api-extractions.ts';
import { openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const FACTS = `query ($filter: FilterGroup, $first: Int, $after: String) {
  facts(filter: $filter, first: $first, after: $after) {
    totalCount edges { node { head { name } tail { name } } } pageInfo { hasNextPage endCursor }
  }
}`;

describe.each(graphAdapters())('filters on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    const rules = parseRules('{watchlists: {board: [Ada Lark, /^dora/i]}, rules: []}', 'rules.yaml');
    api = await openTestApiOn(adapter, { rules });
    await api.store.replacePosts(clubPosts());
  });

  afterAll(() => api[Symbol.asyncDispose]());

  const names = (data: any) => data.facts.edges.map(({ node }: any) => `${node.head.name} ${node.tail.name}`);

  test.each([
    [{ key: 'head.name', operator: 'eq', values: ['ada lark'] }, ['Ada Lark Orbit FC']],
    [{ key: 'evidenceCount', operator: 'gte', values: [2] }, ['Ada Lark Orbit FC']],
    [{ key: 'confidence', operator: 'lt', values: [0.5] }, ['Ben Moss Orbit FC']],
    [{ key: 'relation.type', operator: 'eq', values: ['/none'] }, []],
    [{ key: 'firstSeen', operator: 'gte', values: ['2026-03-01T12:06:00Z'] }, ['Dora Wren Far Away']],
    [
      { key: 'either.name', operator: 'contains', values: ['comet', 'far'] },
      ['Ben Moss Comet AC', 'Cleo Finch Comet AC', 'Dora Wren Far Away'],
    ],
  ])('facts by the filter %j', async (condition, expected) => {
    const { data, errors } = await api.query(FACTS, { filter: { filters: [condition] } });
    expect(errors).toBeUndefined();
    expect(names(data).sort()).toEqual(expected);
    expect(data.facts.totalCount).toBe(expected.length);
  });

  test('filters may name the watchlists of alert rules', async () => {
    const find = async (operator: string) => {
      const filter = { filters: [{ key: 'head.watchlist', operator, values: ['board'] }] };
      return names((await api.query(FACTS, { filter })).data).sort();
    };
    expect(await find('eq')).toEqual(['Ada Lark Orbit FC', 'Dora Wren Far Away']);
    expect(await find('not_eq')).toEqual(['Ben Moss Comet AC', 'Ben Moss Orbit FC', 'Cleo Finch Comet AC']);
  });

  test('filters nest, and their pages are full', async () => {
    const filter = {
      mode: 'or',
      filters: [{ key: 'head.name', operator: 'starts_with', values: ['dora'] }],
      filterGroups: [
        {
          filters: [
            { key: 'relation.type', operator: 'eq', values: ['PER_ORG_MEMBER_OF'] },
            { key: 'tail.name', operator: 'eq', values: ['Orbit FC'] },
          ],
        },
      ],
    };
    const found: string[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const { data, errors }: any = await api.query(FACTS, { filter, first: 1, after });
      expect(errors).toBeUndefined();
      found.push(...names(data));
      more = data.facts.pageInfo.hasNextPage;
      after = data.facts.pageInfo.endCursor;
    }
    expect(found.sort()).toEqual(['Ada Lark Orbit FC', 'Ben Moss Orbit FC', 'Dora Wren Far Away']);
  });

  test('a filter can be written into the query, and holds for the facts of an entity and for parts of the graph', async () => {
    const filter = '{filters: [{key: "confidence", operator: gte, values: [0.5]}]}';
    const { data, errors } = await api.query(`{
    entity(name: "Orbit FC") { facts(filter: ${filter}) { totalCount } }
    subgraph(filter: ${filter}) { nodes { entity { name } } }
  }`);
    expect(errors).toBeUndefined();
    expect(data.entity.facts.totalCount).toBe(1);
    expect(data.subgraph.nodes).toHaveLength(7);
  });

  test('facts as the graph knew them', async () => {
    const count = async (asOf: string) =>
      (await api.query('query ($asOf: DateTime) { facts(asOf: $asOf) { totalCount } }', { asOf })).data.facts
        .totalCount;
    expect(await count('2020-01-01T00:00:00Z')).toBe(0);
    expect(await count('2999-01-01')).toBe(5);
  });

  const deepFilter = (levels: number): object => (levels === 0 ? {} : { filterGroups: [deepFilter(levels - 1)] });

  test.each([
    ['no field', { filters: [{ key: 'password', operator: 'eq', values: ['x'] }] }],
    ['a field of objects', { filters: [{ key: '__proto__', operator: 'eq', values: ['x'] }] }],
    ['no operator of the field', { filters: [{ key: 'confidence', operator: 'contains', values: ['x'] }] }],
    ['no value of the field', { filters: [{ key: 'confidence', operator: 'gte', values: ['x'] }] }],
    ['no value', { filters: [{ key: 'head.name', operator: 'eq', values: [] }] }],
    ['an object as a value', { filters: [{ key: 'head.name', operator: 'eq', values: [{}] }] }],
    ['too long a value', { filters: [{ key: 'head.name', operator: 'eq', values: ['x'.repeat(501)] }] }],
    ['too many values', { filters: [{ key: 'confidence', operator: 'eq', values: Array(1001).fill(1) }] }],
    ['an unknown operator', { filters: [{ key: 'head.name', operator: 'matches', values: ['(a+)+$'] }] }],
    ['an unknown watchlist', { filters: [{ key: 'head.watchlist', operator: 'eq', values: ['bord'] }] }],
    [
      'too many conditions',
      { filters: Array.from({ length: 101 }, () => ({ key: 'head.name', operator: 'eq', values: ['x'] })) },
    ],
    ['too many levels', deepFilter(17)],
  ])('a filter with %s is a bad request', async (_, filter) => {
    const { errors } = await api.query(FACTS, { filter });
    expect(errors?.[0]?.extensions.code).toMatch(/^(BAD_REQUEST|BAD_USER_INPUT)$/);
  });

  test('a filter of thousands of levels does no harm', async () => {
    const levels = 4500;
    const filter = '{"filterGroups":['.repeat(levels) + '{}' + ']}'.repeat(levels);
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"query":${JSON.stringify(FACTS)},"variables":{"filter":${filter}}}`,
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect((await api.query('{ stats { posts } }')).status).toBe(200);
  });

  test.each(['x', 'yesterday', '1', '2026-13-45'])('%j is no time', async (asOf) => {
    const { errors } = await api.query('query ($asOf: DateTime) { facts(asOf: $asOf) { totalCount } }', { asOf });
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });

  test('events by a filter; what is retracted is judged as it was', async () => {
    const say = (id: string, club: string) =>
      sketch({
        id,
        text: `[Eve Kite|PER] is seen at [${club}|ORG], says account ${id}`,
        relations: [{ type: MEMBER, head: 0, tail: 1 }],
      });
    const query =
      'subscription ($filter: FilterGroup) { factEvents(filter: $filter) { kind tail { name } fact { evidenceCount } } }';
    const filter = {
      filters: [
        { key: 'tail.name', operator: 'eq', values: ['kite club'] },
        { key: 'evidenceCount', operator: 'gte', values: [1] },
      ],
    };
    await api.relay();
    await using following = await subscribe(api.url, query, { filter });
    await api.store.replacePosts([say('e1', 'Other Club'), say('e2', 'Kite Club'), deletion('e1'), deletion('e2')]);
    await api.relay();
    const events = (await following.take(2)).map(({ data }) => data.factEvents);
    expect(events).toMatchObject([{ kind: 'CREATED' }, { kind: 'RETRACTED', tail: { name: 'Kite Club' } }]);
  });
});
