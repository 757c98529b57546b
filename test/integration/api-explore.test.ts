import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clubPosts } from '../helpers/api-clubs.ts';
import { openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const SUBGRAPH = `query ($around: [ID!]! = [], $depth: Int, $maxNodes: Int, $minConfidence: Float, $type: String) {
  subgraph(around: $around, depth: $depth, maxNodes: $maxNodes, minConfidence: $minConfidence, type: $type) {
    nodes { entity { id name type } distance hiddenNeighbours isPartial }
    edges { id type headId tailId confidence }
    truncated hiddenNodes hiddenEdges partialNodes
  }
}`;
const PATH = `query ($from: ID!, $to: ID!, $maxDepth: Int, $filter: FilterGroup) {
  path(from: $from, to: $to, maxDepth: $maxDepth, filter: $filter) {
    isPartial paths { length entities { name } facts { type } }
  }
}`;

describe.each(graphAdapters())('parts of the graph and paths on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
    await api.store.replacePosts(clubPosts());
  });

  afterAll(() => api[Symbol.asyncDispose]());

  const idOf = async (name: string): Promise<string> =>
    (await api.query('query ($name: String) { entity(name: $name) { id } }', { name })).data.entity.id;

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
});
