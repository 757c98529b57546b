import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GraphEvent } from '../../src/domain/graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { EventRelay } from '../../src/graph/outbox/event-relay.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { extractionOf } from '../helpers/graph-extractions.ts';
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

  /** Posts each of which brings one event. */
  const manyPosts = (count: number, first = 0) =>
    [...Array(count).keys()].map((i) =>
      extractionOf({ id: `${first + i}`, mentions: [[`Org ${first + i}`, 'ORG']], relations: [] }),
    );
  const namesOf = (events: readonly GraphEvent[]) =>
    events.map((event) => ('entity' in event ? event.entity.name : undefined));
  const relay = (of: OpenGraph, holder: string, publish: (events: readonly GraphEvent[]) => void, limit = 100) =>
    of.store.relayEvents({ holder, leaseMs: 5000, limit, publish: async (events) => publish(events) });
  const position = (of: OpenGraph, limit = 100) => of.store.relayEvents({ holder: 'c', leaseMs: 5000, limit });

  test('gives positions in batch order, a limited number at a time', async () => {
    const posts = manyPosts(7);
    await graph.store.replacePosts(posts);
    const seen: GraphEvent[] = [];
    expect(await relay(graph, 'a', (events) => seen.push(...events), 5)).toBe(5);
    expect(await relay(graph, 'a', (events) => seen.push(...events), 5)).toBe(2);
    expect(await relay(graph, 'a', () => expect.unreachable())).toBe(0);
    expect(seen.map((event) => event.position)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(namesOf(seen)).toEqual(posts.map((_, i) => `Org ${i}`));
    expect(await graph.reader.eventsAfter(5, 10)).toEqual(seen.slice(5));
    expect(await graph.reader.lastPosition()).toBe(7);
  });

  test('a failed publication is repeated with equal keys and positions, before anything newer', async () => {
    await graph.store.replacePosts(manyPosts(2));
    const lost: GraphEvent[] = [];
    const failing = relay(graph, 'a', (events) => {
      lost.push(...events);
      throw new Error('broker is away');
    });
    await expect(failing).rejects.toThrow('broker is away');
    await graph.store.replacePosts(manyPosts(1, 2));
    const events = await relayAll(graph.store, 'a');
    expect(events.slice(0, 2)).toEqual(lost);
    expect(events.map((event) => event.position)).toEqual([1, 2, 3]);
  });

  test('only the holder of the lease relays, until it is silent for too long', async () => {
    await graph.store.replacePosts(manyPosts(1));
    await relay(graph, 'a', () => {});
    await graph.store.replacePosts(manyPosts(1, 1));
    expect(await relay(rival, 'b', () => expect.unreachable())).toBe(0);
    clock.nowMs += 5000;
    expect(await relay(rival, 'b', () => {})).toBe(1);
    await graph.store.replacePosts(manyPosts(1, 2));
    expect(await relay(graph, 'a', () => expect.unreachable())).toBe(0);
  });

  test('a relay that does not publish hides nothing from one that does', async () => {
    await graph.store.replacePosts(manyPosts(3));
    expect(await position(rival, 2)).toBe(2);
    expect(await graph.reader.eventsAfter(0, 10)).toMatchObject([{ position: 1 }, { position: 2 }]);
    expect(await position(rival)).toBe(1);
    expect(await position(rival)).toBe(0);
    await graph.store.replacePosts(manyPosts(1, 3));
    const seen: GraphEvent[] = [];
    expect(await relay(graph, 'a', (events) => seen.push(...events))).toBe(4);
    expect(seen.map((event) => event.position)).toEqual([1, 2, 3, 4]);
    expect(await graph.reader.eventsAfter(0, 10)).toEqual(seen);
  });

  test('a relay that does not publish needs no lease and takes none', async () => {
    await graph.store.replacePosts(manyPosts(1));
    expect(await relay(graph, 'a', () => {})).toBe(1);
    await graph.store.replacePosts(manyPosts(1, 1));
    expect(await position(rival)).toBe(1);
    expect(await relay(graph, 'a', () => {})).toBe(1);
  });

  test('events that get their positions from two processes at once get each its own, without gaps', async () => {
    const posts = manyPosts(40);
    await graph.store.replacePosts(posts);
    const pass = async (of: OpenGraph) => {
      for (let given = 1; given > 0; ) given = await position(of, 3);
    };
    await Promise.all([pass(graph), pass(rival)]);
    const events = await graph.reader.eventsAfter(0, 100);
    expect(events.map((event) => event.position)).toEqual(posts.map((_, i) => i + 1));
    expect(namesOf(events)).toEqual(posts.map((_, i) => `Org ${i}`));
  });

  test('a relay that ends leaves the lease to the next one', async () => {
    const published: GraphEvent[] = [];
    const publish = async (events: readonly GraphEvent[]) => void published.push(...events);
    const telemetry = createTelemetry(createLogger('silent'));
    await graph.store.replacePosts(manyPosts(1));
    const options = { holder: 'a', leaseMs: 5000, limit: 100, intervalMs: 60_000 };
    await new EventRelay({ ...options, store: graph.store, publish, telemetry })[Symbol.asyncDispose]();
    expect(published).toHaveLength(1);
    await graph.store.replacePosts(manyPosts(1, 1));
    expect(await relay(rival, 'b', () => {})).toBe(1);
    await graph.store.releaseLease('a');
    await graph.store.replacePosts(manyPosts(1, 2));
    expect(await relay(graph, 'a', () => expect.unreachable()), 'nobody gives back the lease of another').toBe(0);
  });

  test('where somebody publishes, unpublished events outlive the week', async () => {
    await graph.store.replacePosts(manyPosts(1));
    await relayAll(graph.store);
    await graph.store.replacePosts(manyPosts(1, 1));
    await position(rival);
    clock.nowMs += WEEK_MS + 1;
    await graph.store.replacePosts(manyPosts(1, 2));
    await position(rival);
    expect((await relayAll(graph.store)).map((event) => event.position)).toEqual([2, 3]);
  });

  test('where nobody ever published, events go after a week', async () => {
    await graph.store.replacePosts(manyPosts(2));
    await position(graph);
    clock.nowMs += WEEK_MS + 1;
    await graph.store.replacePosts(manyPosts(1, 2));
    await position(graph);
    expect(await graph.reader.eventsAfter(0, 10)).toMatchObject([{ position: 3 }]);
  });

  test('published events are kept for a week and positions go on after it', async () => {
    await graph.store.replacePosts(manyPosts(2));
    await relayAll(graph.store);
    clock.nowMs += WEEK_MS + 1;
    await graph.store.replacePosts(manyPosts(1, 2));
    await relayAll(graph.store);
    expect(await graph.reader.eventsAfter(0, 10)).toMatchObject([{ kind: 'entity.created', position: 3 }]);
    expect(await graph.reader.lastPosition()).toBe(3);
  });
});
