import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PathQuery, Subgraph, SubgraphQuery } from '../../src/graph/exploration.ts';
import { FactFilter, type Sifted } from '../../src/graph/explore/fact-filter.ts';
import { listFacts } from '../../src/graph/explore/list-facts.ts';
import { findPaths } from '../../src/graph/explore/paths.ts';
import { exploreSubgraph } from '../../src/graph/explore/subgraph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, MEMBER_OF, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('exploring the graph on $name', (adapter) => {
  const clock = { nowMs: 1000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  let posts = 0;

  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
  });
  beforeEach(async () => {
    clock.nowMs = 1000;
    posts = 0;
    await database.clear();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const idOf = async (name: string) => (await graph.reader.entityByName(name))?.id ?? '';

  /** Links of names: `A-B` is one post that says that A is a member of B; every post comes a second after the one before. */
  const link = async (...links: readonly string[]) => {
    for (const pair of links) {
      const [person = '', organisation = ''] = pair.split('-');
      clock.nowMs += 1000;
      posts += 1;
      const at = new Date(Date.UTC(2026, 0, 1, 0, 0, posts)).toISOString();
      await graph.store.replacePosts([memberPost({ id: `p${posts}`, author: `a${posts}`, at, person, organisation })]);
    }
  };

  const around = async (names: readonly string[], query: Partial<Sifted<SubgraphQuery>> = {}) => {
    const ids = await Promise.all(names.map(idOf));
    const wanted = { around: ids, depth: 1, maxNodes: 300, ...query };
    const part = await exploreSubgraph(graph.reader, wanted);
    // Where the facts are, or from there: it is the same.
    expect(await graph.reader.subgraph({ ...wanted, filter: wanted.filter?.group })).toEqual(part);
    return part;
  };
  const namesOf = ({ nodes }: Subgraph) => nodes.map(({ entity }) => entity.name);
  const edgesOf = ({ nodes, edges }: Subgraph) => {
    const names = new Map(nodes.map(({ entity }) => [entity.id, entity.name]));
    return edges.map((fact) => `${names.get(fact.headId)}-${names.get(fact.tailId)}`);
  };

  test('an empty graph and unknown entities have nothing around them', async () => {
    const nothing = { nodes: [], edges: [], hiddenNodes: 0, hiddenEdges: 0 };
    expect(await around([])).toEqual(nothing);
    expect(await around(['nobody'])).toEqual(nothing);
    expect(await graph.reader.linksAround(['x', 'y'], { limit: 1 })).toEqual([
      { links: [], hasMore: false },
      { links: [], hasMore: false },
    ]);
    expect(await graph.reader.recentLinks({ limit: 1 })).toEqual({ links: [], hasMore: false });
  });

  test('a step further each time, with the facts between all that is shown', async () => {
    await link('A-B', 'C-B', 'C-D', 'E-D', 'E-F', 'A-D');
    const one = await around(['B']);
    expect(namesOf(one)).toEqual(['B', 'C', 'A']);
    expect(edgesOf(one)).toEqual(['C-B', 'A-B']);
    expect(one.nodes.map((node) => [node.distance, node.hiddenNeighbours, node.isPartial])).toEqual([
      [0, 0, false],
      [1, 1, false],
      [1, 1, false],
    ]);
    const two = await around(['B'], { depth: 2 });
    expect(namesOf(two)).toEqual(['B', 'C', 'A', 'D']);
    expect(edgesOf(two)).toEqual(['A-D', 'C-D', 'C-B', 'A-B']);
    expect(namesOf(await around(['B'], { depth: 3 }))).toEqual(['B', 'C', 'A', 'D', 'E']);
    expect(two).toMatchObject({ hiddenNodes: 0, hiddenEdges: 0 });
  });

  test('what has most evidence is kept, and what is left out is counted', async () => {
    await link('A-B', 'C-B', 'C-B', 'D-B');
    const part = await around(['B'], { maxNodes: 3, depth: 3 });
    expect(namesOf(part)).toEqual(['B', 'C', 'D']);
    expect(part).toMatchObject({ hiddenNodes: 1, nodes: [{ hiddenNeighbours: 1 }, {}, {}] });
    expect(namesOf(await around(['A', 'B', 'A'], { maxNodes: 1 }))).toEqual(['A']);
  });

  test('of several facts between two entities only so many are shown', async () => {
    for (const type of ['/x/1', '/x/2', '/x/3', '/x/4', '/x/5']) {
      await graph.store.replacePosts([
        extractionOf({
          id: type,
          mentions: [
            ['A', 'PER'],
            ['B', 'ORG'],
          ],
          relations: [[type, 0, 1]],
        }),
      ]);
    }
    expect(await around(['A'], { maxNodes: 2 })).toMatchObject({ hiddenNodes: 0, hiddenEdges: 1 });
    const some = await around(['A'], { type: '/x/3' });
    expect(some.edges.map((fact) => fact.type)).toEqual(['/x/3']);
  });

  test('only facts that fit count, and none that was retracted', async () => {
    await link('A-B', 'C-B');
    await graph.store.replacePosts([memberPost({ id: 'weak', author: 'w', person: 'W', organisation: 'B', p: 0.3 })]);
    expect(namesOf(await around(['B'], { minConfidence: 0.5 }))).toEqual(['B', 'C', 'A']);
    await graph.store.replacePosts([deletionOf('p2')]);
    expect(namesOf(await around(['B']))).toEqual(['B', 'A', 'W']);
    expect(namesOf(await around([]))).toEqual(['B', 'W', 'A']);
    expect(namesOf(await around([], { minConfidence: 0.5 }))).toEqual(['A', 'B']);
  });

  test('without an entity it is the part with most of the newest facts', async () => {
    await link('A-B', 'C-B', 'D-B', 'D-E', 'X-Y');
    const part = await around([], { maxNodes: 3 });
    expect(namesOf(part)).toEqual(['B', 'D', 'X']);
    expect(edgesOf(part)).toEqual(['D-B']);
    expect(part.hiddenNodes).toBe(4);
  });

  test('of a busy entity the newest facts are looked at, and it says so', async () => {
    const crowd = Array.from({ length: 450 }, (_, index) => index);
    for (let at = 0; at < crowd.length; at += 150) {
      clock.nowMs += 1000;
      await graph.store.replacePosts(
        crowd.slice(at, at + 150).map((index) =>
          extractionOf({
            id: `${index}`,
            author: `${index}`,
            mentions: [
              [`Person ${index}`, 'PER'],
              ['Hub', 'ORG'],
            ],
            relations: [[MEMBER_OF, 0, 1]],
          }),
        ),
      );
    }
    const part = await around(['Hub', 'Person 0']);
    expect(part.nodes[0]).toMatchObject({ isPartial: true, hiddenNeighbours: 0 });
    // Person 0 is too old to be seen from the hub, but sees it.
    expect(edgesOf(part)).toContain('Person 0-Hub');
    expect(part.edges).toHaveLength(201);
    const shown = new Set(namesOf(part));
    expect(crowd.slice(300).every((index) => shown.has(`Person ${index}`))).toBe(true);
    const hub = await idOf('Hub');
    const [some] = await graph.reader.linksAround([hub], { limit: 2, type: MEMBER_OF });
    const [all] = await graph.reader.linksAround([hub], { limit: 450, type: MEMBER_OF });
    expect([some?.links.length, some?.hasMore, all?.links.length, all?.hasMore]).toEqual([2, true, 450, false]);
    expect(some?.links).toEqual(all?.links.slice(0, 2));
    const recent = await graph.reader.recentLinks({ limit: 3, minConfidence: 0.1 });
    expect(recent).toEqual({ links: all?.links.slice(0, 3), hasMore: true });
  });

  const pathsOf = async (from: string, to: string, query: Partial<Sifted<PathQuery>> = {}) => {
    const [fromId, toId] = await Promise.all([idOf(from), idOf(to)]);
    const wanted = { fromId, toId, maxDepth: 4, ...query };
    const found = await findPaths(graph.reader, wanted);
    expect(await graph.reader.paths({ ...wanted, filter: wanted.filter?.group })).toEqual(found);
    const { paths, isPartial } = found;
    const named = await Promise.all(
      paths.map(async ({ entityIds, facts }) => {
        expect(facts).toHaveLength(entityIds.length - 1);
        const entities = await graph.reader.entitiesById(entityIds);
        return entities.map((entity) => entity?.name).join(' ');
      }),
    );
    return { paths: named, isPartial };
  };

  test('the shortest paths over facts in either direction, those with most evidence first', async () => {
    await link('A-B', 'C-B', 'C-D', 'A-E', 'A-E', 'C-E', 'C-E', 'X-Y');
    expect(await pathsOf('A', 'D')).toEqual({ paths: ['A E C D', 'A B C D'], isPartial: false });
    expect(await pathsOf('A', 'C')).toEqual({ paths: ['A E C', 'A B C'], isPartial: false });
    expect((await pathsOf('C', 'A')).paths).toEqual(['C E A', 'C B A']);
    expect((await pathsOf('A', 'D', { maxDepth: 2 })).paths).toEqual([]);
    expect((await pathsOf('A', 'D', { maxDepth: 3 })).paths).toHaveLength(2);
    expect((await pathsOf('A', 'B', { maxDepth: 1 })).paths).toEqual(['A B']);
    expect((await pathsOf('A', 'X')).paths).toEqual([]);
    expect((await pathsOf('A', 'A')).paths).toEqual(['A']);
    const filter = new FactFilter(graph.reader, {
      mode: 'and',
      filters: [{ key: 'evidenceCount', operator: 'gte', values: [2] }],
      filterGroups: [],
    });
    expect((await pathsOf('A', 'C', { filter })).paths).toEqual(['A E C']);
  });

  test('of very many paths five are given, the same every time', async () => {
    const middles = ['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7'];
    await link(...middles.flatMap((name) => [`A-${name}`, `Z-${name}`]), 'A-M7', 'Z-M7');
    const found = await pathsOf('A', 'Z');
    expect(found.paths).toHaveLength(5);
    expect(found.paths[0]).toBe('A M7 Z');
    expect(await pathsOf('A', 'Z')).toEqual(found);
  });

  test('a filter judges facts by what the graph knows of their ends', async () => {
    await link('Ada Lark-Orbit', 'Ben Moss-Orbit', 'Ada Finch-Comet');
    const filter = new FactFilter(graph.reader, {
      mode: 'and',
      filters: [{ key: 'head.name', operator: 'starts_with', values: ['ada'] }],
      filterGroups: [],
    });
    const page = await listFacts(graph.reader, {}, { first: 1 }, filter);
    expect(page).toMatchObject({ hasNextPage: true, items: [{ node: { tailId: await idOf('Comet') } }] });
    const rest = await listFacts(graph.reader, {}, { first: 5, after: page.items[0]?.cursor ?? '' }, filter);
    expect(rest).toMatchObject({ hasNextPage: false, items: [{ node: { headId: await idOf('Ada Lark') } }] });
    expect(namesOf(await around(['Orbit'], { filter }))).toEqual(['Orbit', 'Ada Lark']);
    expect(namesOf(await around([], { filter }))).not.toContain('Ben Moss');
  });

  test('what was merged stands for what it was merged into', async () => {
    await link('A-B', 'C-Bee');
    const [into, from] = await Promise.all(['B', 'Bee'].map((name) => graph.reader.entityByName(name)));
    if (!into || !from) throw new Error('the posts name both');
    await graph.store.decide({ kind: 'merge', from, into }, { id: 'd1' });
    const part = await exploreSubgraph(graph.reader, { around: [from.id, into.id], depth: 1, maxNodes: 300 });
    expect(namesOf(part)).toEqual(['B', 'C', 'A']);
  });
});
