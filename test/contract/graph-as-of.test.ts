import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FactQuery } from '../../src/graph/graph-reader.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, MEMBER_OF, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('facts as of an earlier time on $name', (adapter) => {
  const clock = { nowMs: 1000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const at = async (ms: number, ...posts: Parameters<typeof graph.store.replacePosts>[0]) => {
    clock.nowMs = ms;
    await graph.store.replacePosts(posts);
  };
  const created = async (query: FactQuery) => {
    const { items } = await graph.reader.facts(query, { first: 10 });
    expect(await graph.reader.countFacts([query])).toEqual([items.length]);
    return items.map(({ node }) => node.createdMs);
  };

  test('a fact is seen at each time it was live, and only then', async () => {
    await at(1000, memberPost({ id: '1' }));
    await at(2000, deletionOf('1', '5'));
    await at(3000, memberPost({ id: '2' }));
    await at(4000, deletionOf('2'));
    await at(5000, memberPost({ id: '3' }));
    const seen = async (asOfMs: number) => created({ asOfMs });
    expect(await Promise.all([999, 1000, 1999, 2000, 3500, 4000, 5000, 9000].map(seen))).toEqual([
      [],
      [1000],
      [1000],
      [],
      [3000],
      [],
      [5000],
      [5000],
    ]);
    expect(await created({})).toEqual([5000]);
  });

  test('one that is gone is given as it last was, to the same filters and pages', async () => {
    await at(1000, memberPost({ id: '1', author: 'a' }), memberPost({ id: '2', author: 'b', organisation: 'Club' }));
    await at(1500, memberPost({ id: '3', author: 'c', p: 0.9 }));
    const ada = (await graph.reader.entityByName('Ada Lind'))?.id ?? '';
    const harbour = (await graph.reader.entityByName('Harbour Robotics'))?.id ?? '';
    await at(2000, deletionOf('1'), deletionOf('3'));
    const asOfMs = 1700;
    const found = await graph.reader.facts({ asOfMs, entityId: harbour, direction: 'IN' }, { first: 5 });
    expect(found.items.map(({ node }) => node)).toEqual([
      expect.objectContaining({ tailId: harbour, createdMs: 1000, evidenceCount: 1, maxConfidence: 0.9 }),
    ]);
    expect(await created({ asOfMs, entityId: harbour, direction: 'OUT' })).toEqual([]);
    expect(await created({ asOfMs, entityId: ada, type: MEMBER_OF, minConfidence: 0.5 })).toEqual([1000, 1000]);
    expect(await created({ asOfMs, type: 'other' })).toEqual([]);
    const first = await graph.reader.facts({ asOfMs }, { first: 1 });
    expect(first.hasNextPage).toBe(true);
    const second = await graph.reader.facts({ asOfMs }, { first: 1, after: first.items[0]?.cursor ?? '' });
    expect([first.items[0]?.node.id, second.items[0]?.node.id].toSorted()).toHaveLength(2);
    expect(second.items[0]?.node.id).not.toBe(first.items[0]?.node.id);
  });

  test('a fact that came and went in one moment leaves no past', async () => {
    await at(1000, memberPost({ id: '1' }), deletionOf('1'));
    expect(await created({ asOfMs: 1000 })).toEqual([]);
  });
});
