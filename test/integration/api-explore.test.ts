import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribe } from '../helpers/api-events.ts';
import { deletion, sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';

const MEMBER = '/per/org/member_of';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
  const say = (id: number, person: string, club: string, p = 0.8) =>
    sketch({
      id: `${id}`,
      minute: id,
      text: `[${person}|PER] joins [${club}|ORG], writes number ${id} of them`,
      relations: [{ type: MEMBER, head: 0, tail: 1, p }],
    });
  await api.store.replacePosts([
    say(1, 'Ada Lark', 'Orbit FC'),
    say(2, 'Ada Lark', 'Orbit FC'),
    say(3, 'Ben Moss', 'Orbit FC', 0.4),
    say(4, 'Ben Moss', 'Comet AC'),
    say(5, 'Cleo Finch', 'Comet AC'),
    say(6, 'Dora Wren', 'Far Away'),
  ]);
});

afterAll(() => api[Symbol.asyncDispose]());

const idOf = async (name: string): Promise<string> =>
  (await api.query('query ($name: String) { entity(name: $name) { id } }', { name })).data.entity.id;

const SUBGRAPH = `query ($around: [ID!]! = [], $depth: Int, $maxNodes: Int, $minConfidence: Float, $type: String) {
  subgraph(around: $around, depth: $depth, maxNodes: $maxNodes, minConfidence: $minConfidence, type: $type) {
    nodes { entity { id name type } distance hiddenNeighbours isPartial }
    edges { id type headId tailId confidence }
    truncated hiddenNodes hiddenEdges partialNodes
  }
}`;

test('the graph around an entity, a step and two steps away', async () => {
  const around = [await idOf('Orbit FC')];
  const { data, errors } = await api.query(SUBGRAPH, { around });
  expect(errors).toBeUndefined();
  const { nodes, edges, ...rest } = data.subgraph;
  expect(nodes.map((node: any) => [node.entity.name, node.distance, node.hiddenNeighbours])).toEqual([
    ['Orbit FC', 0, 0],
    ['Ada Lark', 1, 0],
    ['Ben Moss', 1, 1],
  ]);
  const ids = nodes.map((node: any) => node.entity.id);
  expect(edges.map((edge: any) => [ids.indexOf(edge.headId), ids.indexOf(edge.tailId)])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  expect(rest).toEqual({ truncated: false, hiddenNodes: 0, hiddenEdges: 0, partialNodes: 0 });
  const two = await api.query(SUBGRAPH, { around, depth: 2 });
  expect(two.data.subgraph.nodes.at(-1)).toMatchObject({ entity: { name: 'Comet AC' }, distance: 2 });
  const strong = await api.query(SUBGRAPH, { around, minConfidence: 0.5 });
  expect(strong.data.subgraph.nodes).toHaveLength(2);
});

test('what does not fit is counted, and no entity asks for the liveliest part', async () => {
  const part = await api.query(SUBGRAPH, { around: [await idOf('Orbit FC')], maxNodes: 2 });
  expect(part.data.subgraph).toMatchObject({ truncated: true, hiddenNodes: 1 });
  const lively = await api.query(SUBGRAPH, {});
  expect(lively.data.subgraph.nodes).toHaveLength(7);
  expect((await api.query(SUBGRAPH, { type: '/none' })).data.subgraph).toMatchObject({ nodes: [], truncated: false });
});

test.each([
  [{ depth: 0 }],
  [{ depth: 4 }],
  [{ maxNodes: 0 }],
  [{ maxNodes: 5001 }],
  [{ minConfidence: 2 }],
  [{ around: Array.from({ length: 101 }, (_, i) => `ent_${i}`) }],
])('a part of the graph with %j is a bad request', async (variables) => {
  const { errors } = await api.query(SUBGRAPH, variables);
  expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
});

test('hostile ids and types are only text', async () => {
  const around = ["x' OR 1=1 --", '', '__proto__', '\u0000', '}) DETACH DELETE n //', '🎉'.repeat(100)];
  const { data, errors } = await api.query(SUBGRAPH, { around, type: "x' OR '1'='1" });
  expect(errors).toBeUndefined();
  expect(data.subgraph).toMatchObject({ nodes: [], edges: [], truncated: false });
});

test('the largest part that can be drawn passes the limit of cost, with more of each entity it does not', async () => {
  expect(await api.query(SUBGRAPH, { maxNodes: 5000 })).toMatchObject({ status: 200, errors: undefined });
  const more =
    '{ subgraph(maxNodes: 5000) { nodes { entity { facts(first: 10) { edges { node { id } } } } distance } } }';
  expect(await api.query(more)).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

const FACTS = `query ($filter: FilterGroup, $first: Int, $after: String) {
  facts(filter: $filter, first: $first, after: $after) {
    totalCount edges { node { head { name } tail { name } } } pageInfo { hasNextPage endCursor }
  }
}`;

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
    (await api.query('query ($asOf: DateTime) { facts(asOf: $asOf) { totalCount } }', { asOf })).data.facts.totalCount;
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
  ['a watchlist', { filters: [{ key: 'head.watchlist', operator: 'eq', values: ['board'] }] }],
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

const PATH = `query ($from: ID!, $to: ID!, $maxDepth: Int, $filter: FilterGroup) {
  path(from: $from, to: $to, maxDepth: $maxDepth, filter: $filter) {
    isPartial paths { length entities { name } facts { type } }
  }
}`;

test('paths between two entities', async () => {
  const [from, to] = [await idOf('Ada Lark'), await idOf('Cleo Finch')];
  const { data, errors } = await api.query(PATH, { from, to });
  expect(errors).toBeUndefined();
  expect(data.path.isPartial).toBe(false);
  expect(data.path.paths).toHaveLength(1);
  expect(data.path.paths[0].entities.map((entity: any) => entity.name)).toEqual([
    'Ada Lark',
    'Orbit FC',
    'Ben Moss',
    'Comet AC',
    'Cleo Finch',
  ]);
  expect(data.path.paths[0]).toMatchObject({ length: 4, facts: [{}, {}, {}, {}] });
  const none = { paths: [], isPartial: false };
  expect((await api.query(PATH, { from, to, maxDepth: 3 })).data.path).toEqual(none);
  const filter = { filters: [{ key: 'confidence', operator: 'gte', values: [0.5] }] };
  expect((await api.query(PATH, { from, to, filter })).data.path).toEqual(none);
  expect((await api.query(PATH, { from: 'ent_none', to })).data.path).toEqual(none);
  expect((await api.query(PATH, { from, to: from })).data.path.paths).toMatchObject([{ length: 0, facts: [] }]);
});

test.each([0, 7])('a path of %i facts at most is a bad request', async (maxDepth) => {
  const { errors } = await api.query(PATH, { from: 'a', to: 'b', maxDepth });
  expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
});

test('how posts write an entity and when they mention it', async () => {
  const { data, errors } = await api.query(`{ entity(name: "ben moss") {
    aliases { text count } firstSeen lastSeen
    timeline(bucket: "1m", from: "2026-03-01T12:02:30Z", to: "2026-03-01T12:06:00Z") { start mentions }
  } }`);
  expect(errors).toBeUndefined();
  expect(data.entity).toEqual({
    aliases: [{ text: 'Ben Moss', count: 2 }],
    firstSeen: '2026-03-01T12:03:00.000Z',
    lastSeen: '2026-03-01T12:04:00.000Z',
    timeline: [
      { start: '2026-03-01T12:02:00.000Z', mentions: 0 },
      { start: '2026-03-01T12:03:00.000Z', mentions: 1 },
      { start: '2026-03-01T12:04:00.000Z', mentions: 1 },
      { start: '2026-03-01T12:05:00.000Z', mentions: 0 },
    ],
  });
  const whole = await api.query('{ entity(name: "ben moss") { timeline { mentions } } }');
  expect(whole.data.entity.timeline.length).toBeGreaterThanOrEqual(30);
});

test.each([
  'bucket: "1y"',
  'bucket: "30s"',
  'bucket: "9999999999999d"',
  'bucket: "1m"  from: "2020-01-01"',
  'from: "2026-03-02" to: "2026-03-01"',
  'from: "x"',
])('a timeline with %s is a bad request', async (args) => {
  const { errors } = await api.query(`{ entity(name: "ben moss") { timeline(${args}) { mentions } } }`);
  expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
});

const TRENDING = `query ($window: String, $until: DateTime, $first: Int, $type: String) {
  trending(window: $window, until: $until, first: $first, type: $type) {
    since until entities { entity { name } mentions mentionsBefore score }
  }
}`;

test('entities that are mentioned more than before', async () => {
  const until = '2026-03-01T12:05:00Z';
  const { data, errors } = await api.query(TRENDING, { window: '2m', until, type: 'ORG' });
  expect(errors).toBeUndefined();
  expect(data.trending).toEqual({
    since: '2026-03-01T12:03:00.000Z',
    until: '2026-03-01T12:05:00.000Z',
    entities: [{ entity: { name: 'Comet AC' }, mentions: 2, mentionsBefore: 0, score: expect.closeTo(Math.SQRT2, 9) }],
  });
  expect((await api.query(TRENDING, { until, first: 1 })).data.trending.entities).toHaveLength(1);
  expect((await api.query(TRENDING, {})).data.trending.entities).toEqual([]);
});

test.each([{ window: '1s' }, { window: '366d' }, { window: '' }, { first: 101 }, { until: 'soon' }])(
  'trends of %j are a bad request',
  async (variables) => {
    const { errors } = await api.query(TRENDING, variables);
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  },
);

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
