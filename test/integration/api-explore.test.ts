import { afterAll, beforeAll, expect, test } from 'vitest';
import { sketch } from '../helpers/api-extractions.ts';
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
