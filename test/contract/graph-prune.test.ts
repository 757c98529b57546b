import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { linesOf, relayFacts, type TestDatabase } from '../helpers/graph-adapters.ts';
import { accountEvent, deletionOf, extractionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { expectedGraph, graphOf } from '../helpers/graph-oracle.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const OLD = '2025-12-31T23:59:59.999Z';
const NEW = '2026-01-01T00:00:00.000Z';
const beforeMs = Date.parse(NEW);

describe.each(graphAdapters())('pruning on $name', (adapter) => {
  const clock = { nowMs: beforeMs };
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
  });
  beforeEach(async () => {
    clock.nowMs = beforeMs;
    await database.clear();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  async function prune(limit: number, dryRun = false) {
    const found = { posts: 0, pictures: [] as string[] };
    let after: string | undefined = '';
    while (after !== undefined) {
      const part = await graph.store.prune({ beforeMs, after, limit, dryRun });
      found.posts += part.posts;
      found.pictures.push(...part.pictures);
      after = part.next;
    }
    return found;
  }

  const kept = [
    memberPost({ id: 'new', at: NEW }),
    extractionOf({ id: 'other', at: NEW, author: 'b', mentions: [['Bo', 'PER']] }),
    deletionOf('deleted', '3'),
    accountEvent('c', 'account.suspended', NEW),
    memberPost({ id: 'hidden new', at: NEW, author: 'c' }),
  ];
  const old = [
    memberPost({ id: '1', at: OLD }),
    memberPost({ id: '2', at: OLD, organisation: 'Only Then' }),
    ...Array.from({ length: 30 }, (_, index) => memberPost({ id: `many ${index}`, at: OLD, author: `${index}` })),
    memberPost({ id: 'hidden', at: OLD, author: 'c' }),
    postEvent('1', 'post.undropped', NEW),
  ];

  test.each([4, 1000])('leaves the graph that the newer posts alone make, %s posts at a time', async (limit) => {
    await graph.store.replacePosts([...kept, ...old]);
    expect(await prune(limit, true)).toEqual({ posts: 33, pictures: [] });
    expect((await graph.reader.stats()).posts).toBe(34);
    expect(await prune(limit)).toEqual({ posts: 33, pictures: [] });
    expect(graphOf(await linesOf(graph.reader))).toEqual(expectedGraph(kept));
    expect(await graph.reader.countEntities({ search: 'only then' })).toBe(0);
    expect(await prune(limit)).toEqual({ posts: 0, pictures: [] });
  });

  test('tells what was retracted, each time', async () => {
    const sha256 = 'ab'.repeat(32);
    const post = { ...memberPost({ at: OLD }), images: [{ source: 'a.jpg', sha256, outcome: 'ok' as const }] };
    for (let round = 1; round <= 2; round++) {
      clock.nowMs += 1000;
      await graph.store.replacePosts([post]);
      clock.nowMs += 1000;
      expect(await prune(10)).toEqual({ posts: 1, pictures: [sha256] });
    }
    const told = (await relayFacts(graph.store)).map(({ kind, headName }) => `${kind} ${headName}`);
    expect(told.filter((event) => event === 'fact.retracted Ada Lind')).toHaveLength(2);
  });

  test('forgets facts that were retracted before then, and keeps those of later', async () => {
    clock.nowMs = beforeMs - 2000;
    await graph.store.replacePosts([memberPost({ id: '1' }), memberPost({ id: '2', organisation: 'Club' })]);
    clock.nowMs = beforeMs - 1000;
    await graph.store.replacePosts([deletionOf('1')]);
    clock.nowMs = beforeMs + 1000;
    await graph.store.replacePosts([deletionOf('2')]);
    expect(await graph.reader.countFacts([{ asOfMs: beforeMs - 1500 }])).toEqual([2]);
    await prune(10);
    expect(await graph.reader.countFacts([{ asOfMs: beforeMs - 1500 }])).toEqual([1]);
    expect(await graph.store.replacePosts([memberPost({ id: '3' })])).toEqual(['created']);
    expect(await graph.reader.countFacts([{}])).toEqual([1]);
  });
});
