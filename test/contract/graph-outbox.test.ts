import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GraphEvent } from '../../src/domain/graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

describe.each(graphAdapters())('graph outbox on $name', (adapter) => {
  const clock = { nowMs: 1000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  let rival: OpenGraph;

  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
    rival = await database.open();
  });
  beforeEach(async () => {
    clock.nowMs = 1000;
    await database.clear();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const manyFacts = (count: number, first = 0) =>
    [...Array(count).keys()].map((i) => memberPost({ id: `${first + i}`, organisation: `Org ${first + i}` }));
  const relay = (of: OpenGraph, holder: string, publish: (events: readonly GraphEvent[]) => void, limit = 100) =>
    of.store.relayEvents({ holder, leaseMs: 5000, limit, publish: async (events) => publish(events) });

  test('gives positions in batch order, a limited number at a time', async () => {
    const posts = manyFacts(7);
    await graph.store.replacePosts(posts);
    const seen: GraphEvent[] = [];
    expect(await relay(graph, 'a', (events) => seen.push(...events), 5)).toBe(5);
    expect(await relay(graph, 'a', (events) => seen.push(...events), 5)).toBe(2);
    expect(await relay(graph, 'a', () => expect.unreachable())).toBe(0);
    expect(seen.map((event) => event.position)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seen.map((event) => event.tailName)).toEqual(posts.map((_, i) => `Org ${i}`));
    expect(await graph.reader.eventsAfter(5, 10)).toEqual(seen.slice(5));
    expect(await graph.reader.lastPosition()).toBe(7);
  });

  test('a failed publication is repeated with equal keys and positions, before anything newer', async () => {
    await graph.store.replacePosts(manyFacts(2));
    const lost: GraphEvent[] = [];
    const failing = relay(graph, 'a', (events) => {
      lost.push(...events);
      throw new Error('broker is away');
    });
    await expect(failing).rejects.toThrow('broker is away');
    await graph.store.replacePosts(manyFacts(1, 2));
    const events = await relayAll(graph.store, 'a');
    expect(events.slice(0, 2)).toEqual(lost);
    expect(events.map((event) => event.position)).toEqual([1, 2, 3]);
  });

  test('only the holder of the lease relays, until it is silent for too long', async () => {
    await graph.store.replacePosts(manyFacts(1));
    await relay(graph, 'a', () => {});
    await graph.store.replacePosts(manyFacts(1, 1));
    expect(await relay(rival, 'b', () => expect.unreachable())).toBe(0);
    clock.nowMs += 5000;
    expect(await relay(rival, 'b', () => {})).toBe(1);
    await graph.store.replacePosts(manyFacts(1, 2));
    expect(await relay(graph, 'a', () => expect.unreachable())).toBe(0);
  });

  test('published events are kept for a week and positions go on after it', async () => {
    await graph.store.replacePosts(manyFacts(2));
    await relayAll(graph.store);
    clock.nowMs += WEEK_MS + 1;
    await graph.store.replacePosts([deletionOf('0')]);
    await relayAll(graph.store);
    expect(await graph.reader.eventsAfter(0, 10)).toMatchObject([{ kind: 'fact.retracted', position: 3 }]);
    expect(await graph.reader.lastPosition()).toBe(3);
  });
});
