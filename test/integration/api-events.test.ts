import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { subscribe } from '../helpers/api-events.ts';
import { deletion, sketch } from '../helpers/api-extractions.ts';
import { openTestApi, relayAll, type TestApi } from '../helpers/api-server.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const FOLLOW = `subscription ($since: String, $types: [String!], $min: Float) {
  factEvents(since: $since, types: $types, minConfidence: $min) {
    cursor kind at gap
    fact { type confidence evidenceCount head { name } }
    head { id name type entity { name } }
    tail { name }
    post { nativeId }
  }
}`;

const FEED = `subscription ($since: String, $filter: FilterGroup, $beat: Int) {
  factFeed(since: $since, filter: $filter, heartbeatSeconds: $beat) {
    cursor at gap event { kind cursor head { name } post { nativeId } }
  }
}`;

const WATCH = `subscription ($ids: [ID!]!, $since: String, $beat: Int) {
  entityEvents(ids: $ids, since: $since, heartbeatSeconds: $beat) {
    cursor kind at gap event { kind cursor head { name } tail { name } fact { id } post { nativeId } }
    entity { id name type } other { name } post { nativeId }
  }
}`;

const member = (id: string, person = `Person ${id}`, p = 0.8) =>
  sketch({
    id,
    text: `post ${id} of its own words says [${person}|PER] joins [Orbit FC|ORG]`,
    relations: [{ type: '/per/org/member_of', head: 0, tail: 1, p }],
  });

const eventsOf = (results: any[]) => results.map((result) => result.data.factEvents);

describe.each(graphAdapters())('subscriptions on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  let api: TestApi;

  beforeAll(async () => {
    database = await adapter.database({ nowMs: Date.UTC(2026, 2, 1) });
    graph = await database.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  beforeEach(async () => {
    await database.clear();
    api = await openTestApi({ graph });
    return () => api[Symbol.asyncDispose]();
  });

  async function write(...posts: Parameters<TestApi['store']['replacePosts']>[0]): Promise<void> {
    await api.store.replacePosts(posts);
    await api.relay();
  }

  test('tells what another process writes', async () => {
    await using following = await subscribe(api.url, FOLLOW);
    expect(following.response.status).toBe(200);
    expect(following.response.headers.get('content-type')).toBe('text/event-stream');
    const other = await database.open();
    await other.store.replacePosts([member('1', 'Ada Lark')]);
    await relayAll(other.store);
    const [event] = eventsOf(await following.take(1));
    expect(event).toMatchObject({
      kind: 'CREATED',
      gap: false,
      fact: { type: '/per/org/member_of', confidence: 0.8, head: { name: 'Ada Lark' } },
      head: { name: 'Ada Lark', type: 'PER', entity: { name: 'Ada Lark' } },
      tail: { name: 'Orbit FC' },
      post: { nativeId: '1' },
    });
    expect(new Date(event.at).toISOString()).toBe(event.at);
  });

  test('tells of more evidence and of retraction, which no bound on confidence hides', async () => {
    await using following = await subscribe(api.url, FOLLOW, { min: 0.5 });
    await write(member('1', 'Ada Lark'));
    await write(member('2', 'Ada Lark'));
    await write(deletion('1'), deletion('2'));
    const events = eventsOf(await following.take(3));
    expect(events.map((event) => event.kind)).toEqual(['CREATED', 'STRENGTHENED', 'RETRACTED']);
    expect(events[2]).toMatchObject({
      fact: { confidence: 0, evidenceCount: 0, head: null },
      head: { name: 'Ada Lark', entity: null },
      post: null,
    });
  });

  test('filters by type and confidence', async () => {
    await using weak = await subscribe(api.url, FOLLOW, { min: 0.7 });
    await using typed = await subscribe(api.url, FOLLOW, { types: ['/none', '/per/org/member_of'] });
    await using other = await subscribe(api.url, FOLLOW, { types: ['/none'] });
    await write(member('1', 'Ada Lark', 0.6), member('2', 'Ben Moor', 0.9));
    expect(eventsOf(await weak.take(1))[0].head.name).toBe('Ben Moor');
    expect(eventsOf(await typed.take(2))).toHaveLength(2);
    await api.close();
    expect(await other.next()).toBeUndefined();
  });

  test('resumes after a cursor: nothing twice, nothing left out', async () => {
    const seen: string[] = [];
    let since: string | undefined;
    let written = 0;
    for (const round of [3, 1, 5]) {
      await using following = await subscribe(api.url, FOLLOW, { since: since ?? (await cursorNow()) });
      await write(...Array.from({ length: 10 }, () => member(String(++written))));
      for (const event of eventsOf(await following.take(round))) {
        seen.push(event.head.name);
        since = event.cursor;
      }
    }
    await using last = await subscribe(api.url, FOLLOW, { since });
    const rest = eventsOf(await last.take(30 - seen.length));
    const names = [...seen, ...rest.map((event) => event.head.name)];
    expect(new Set(names).size).toBe(30);
    expect(names.slice(0, 10).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `Person ${i + 1}`).sort());
    expect(rest.some((event) => event.gap)).toBe(false);
  });

  async function cursorNow(): Promise<string> {
    return (await api.query('{ stats { eventCursor } }')).data.stats.eventCursor;
  }

  test('a cursor taken before the data was read continues without a hole', async () => {
    const since = await cursorNow();
    await write(member('1'));
    await using following = await subscribe(api.url, FOLLOW, { since });
    expect(eventsOf(await following.take(1))[0]).toMatchObject({ post: { nativeId: '1' }, gap: false });
  });

  test('an event shows the graph as it is then, not as an earlier event read it', async () => {
    const named = 'subscription { factEvents { head { entity { mentionCount } } } }';
    await using following = await subscribe(api.url, named);
    await write(member('1', 'Ada Lark'));
    const first = eventsOf(await following.take(1))[0];
    await write(member('2', 'Ada Lark'));
    const second = eventsOf(await following.take(1))[0];
    expect([first, second].map((event) => event.head.entity.mentionCount)).toEqual([1, 2]);
  });

  test('a bad cursor is refused with its code before anything is sent', async () => {
    await using following = await subscribe(api.url, FOLLOW, { since: 'nonsense' });
    expect(following.response.status).toBe(400);
    expect(await following.next()).toMatchObject({ errors: [{ extensions: { code: 'BAD_CURSOR' } }] });
  });

  test('works with GET, as EventSource asks', async () => {
    const query = encodeURIComponent('subscription { factEvents { kind } }');
    const response = await fetch(`${api.url}/graphql?query=${query}`, { headers: { accept: 'text/event-stream' } });
    await write(member('1'));
    const reading = response.text();
    await api.close();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await reading).toContain('event: complete');
  });

  test('closing ends streams and frees the port at once', async () => {
    await using following = await subscribe(api.url, FOLLOW);
    await api.close();
    expect(await following.next()).toBeUndefined();
    await expect(fetch(`${api.url}/healthz`)).rejects.toThrow();
  });

  test('tells what happens to entities that are watched, with heartbeats to go on from', async () => {
    await write(member('1', 'Ada Lark'), member('2', 'Ben Moss'));
    const { data } = await api.query('{ entity(name: "Ada Lark") { id } }');
    const ids = [data.entity.id, 'ent_none'];
    const watched = (results: any[]) => results.map((result) => result.data.entityEvents);
    await using watching = await subscribe(api.url, WATCH, { ids });
    const [beat] = watched(await watching.take(1));
    expect(beat).toMatchObject({ kind: 'HEARTBEAT', event: null, gap: false });
    expect(new Date(beat.at).toISOString()).toBe(beat.at);
    await write(member('3', 'Ben Moss'), member('4', 'Ada Lark'), deletion('1'), deletion('4'));
    const events = watched(await watching.take(2));
    expect(events).toMatchObject([
      { kind: 'FACT_STRENGTHENED', event: { head: { name: 'Ada Lark' }, tail: { name: 'Orbit FC' } } },
      { kind: 'FACT_RETRACTED', gap: false, event: { kind: 'RETRACTED' } },
    ]);
    expect(events[0].event.cursor).toBe(events[0].cursor);
    await using again = await subscribe(api.url, WATCH, { ids, since: beat.cursor });
    expect(watched(await again.take(2)).map(({ cursor }) => cursor)).toEqual(events.map(({ cursor }) => cursor));
  });

  test('tells when one that is watched comes, is merged and stands for itself again, and watches on', async () => {
    const person = (name: string) => entityKeyOf('PER', name);
    await using watching = await subscribe(api.url, WATCH, { ids: [person('Ada Lark').id] });
    await watching.take(1);
    await write(member('1', 'Ben Moss'), member('2', 'Ada Lark'), member('3', 'Ada Lark Moss'));
    await api.store.decide({ kind: 'merge', from: person('Ada Lark'), into: person('Ada Lark Moss') }, { id: 'm' });
    await write(member('4', 'Ada Lark Moss'));
    await api.store.decide({ kind: 'undo', decisionId: 'm' });
    await api.relay();
    const [ada, other] = [{ name: 'Ada Lark', type: 'PER' }, { name: 'Ada Lark Moss' }];
    expect((await watching.take(7)).map((result) => result.data.entityEvents)).toMatchObject([
      { kind: 'ENTITY_CREATED', gap: false, event: null, entity: ada, other: null, post: { nativeId: '2' } },
      { kind: 'FACT_CREATED', event: { head: { name: 'Ada Lark' } }, entity: null, post: { nativeId: '2' } },
      { kind: 'ENTITY_MERGED', event: null, entity: ada, other, post: null },
      { kind: 'FACT_MOVED' },
      { kind: 'FACT_STRENGTHENED', post: { nativeId: '4' } },
      { kind: 'ENTITY_SPLIT', entity: ada, other },
      { kind: 'FACT_MOVED' },
    ]);
  });

  test('the feed of facts beats, and goes on behind what its filter left out', async () => {
    const filter = { filters: [{ key: 'head.name', operator: 'eq', values: ['Ada Lark'] }] };
    const news = (results: any[]) => results.map((result) => result.data.factFeed);
    await using following = await subscribe(api.url, FEED, { filter, beat: 1 });
    const [first] = news(await following.take(1));
    expect(first).toMatchObject({ event: null, gap: false });
    await write(member('1', 'Ben Moss'), member('2', 'Ada Lark'), member('3', 'Ben Moss'));
    const [event, beat] = news(await following.take(2));
    expect(event).toMatchObject({ gap: false, event: { kind: 'CREATED', head: { name: 'Ada Lark' } } });
    expect(event.event.cursor).toBe(event.cursor);
    expect(beat.event).toBeNull();
    expect(new Date(beat.at).toISOString()).toBe(beat.at);
    // Where it goes on nothing comes twice, although the last event was none of its own.
    await using resumed = await subscribe(api.url, FEED, { since: beat.cursor });
    expect(news(await resumed.take(1))).toMatchObject([{ event: null, cursor: await cursorNow() }]);
    await write(member('4', 'Ada Lark'));
    expect(news(await resumed.take(1))).toMatchObject([{ event: { kind: 'STRENGTHENED', post: { nativeId: '4' } } }]);
  });

  test.each([0, 3601])('following facts with a heartbeat of %i seconds is refused', async (beat) => {
    await using following = await subscribe(api.url, FEED, { beat });
    expect((await following.next()).errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  test('what subscribers are shown alike is what they ask alike', async () => {
    const query = `subscription ($since: String, $n: Int, $text: Boolean = false) { factEvents(since: $since) {
      fact { evidence(first: $n) { edges { node { post { nativeId } } } } } ...More } }
      fragment More on FactEvent { post { text @include(if: $text) nativeId } }`;
    await write(member('1', 'Ada Lark'));
    const since = await cursorNow();
    await using one = await subscribe(api.url, query, { n: 1 });
    await using same = await subscribe(api.url, query, { n: 1, since });
    await using other = await subscribe(api.url, query, { n: 2 });
    await using told = await subscribe(api.url, query, { n: 2, text: true });
    await write(member('2', 'Ada Lark'));
    const [first, second, third, fourth] = await Promise.all(
      [one, same, other, told].map(async (following) => eventsOf(await following.take(1))[0]),
    );
    expect(second).toEqual(first);
    expect([first, third].map((event) => event.fact.evidence.edges.length)).toEqual([1, 2]);
    expect(third.post).toEqual({ nativeId: '2' });
    expect(fourth.post).toMatchObject({ nativeId: '2', text: expect.stringContaining('Ada Lark') });
  });

  test.each([
    { ids: [] },
    { ids: Array.from({ length: 101 }, (_, i) => `ent_${i}`) },
    { ids: ['x'], beat: 0 },
    { ids: ['x'], beat: 3601 },
  ])('watching with %j is refused', async (variables) => {
    await using watching = await subscribe(api.url, WATCH, variables);
    expect((await watching.next()).errors[0].extensions.code).toBe('BAD_REQUEST');
  });
});

test('an event is worked out once for all who ask the same of it', async () => {
  let calls = 0;
  await using api = await openTestApi({
    wrap: (reader) =>
      new Proxy(reader, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (name === 'entitiesById') calls += 1;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  });
  const query = 'subscription ($since: String) { factEvents(since: $since) { head { entity { name } } } }';
  const crowd = await Promise.all(Array.from({ length: 20 }, () => subscribe(api.url, query)));
  await api.store.replacePosts([member('1', 'Ada Lark')]);
  await api.relay();
  for (const following of crowd) {
    expect(eventsOf(await following.take(1))).toEqual([{ head: { entity: { name: 'Ada Lark' } } }]);
  }
  expect(calls).toBe(1);
  for (const following of crowd) await following[Symbol.asyncDispose]();
});
