import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { ImageResult } from '../../src/domain/image.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { linesOf, relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { accountEvent, deletionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const [NOON, LATER] = ['2026-01-02T12:00:00Z', '2026-01-03T12:00:00Z'];
const picture = (digits: string): ImageResult => ({ source: 'a.jpg', sha256: digits.repeat(32), outcome: 'ok' });
const showing = (post: Extraction, ...digits: readonly string[]) => ({ ...post, images: digits.map(picture) });
const AUTHOR = { platform: 'native', id: 'a' };

describe.each(graphAdapters())('erasing an author, on $name', (adapter) => {
  const clock = { nowMs: 1000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const apply = (...records: readonly Extraction[]) => graph.store.replacePosts(records);
  async function erase(id = 'a'): Promise<readonly string[]> {
    const removed: string[] = [];
    const erased = await graph.store.eraseAuthor(
      { platform: 'native', id },
      async (sha256s) => void removed.push(...sha256s),
    );
    expect(erased.pictures).toBe(removed.length);
    return removed.sort();
  }

  test('takes away the posts, what only they supported, and keeps what others say', async () => {
    await apply(
      memberPost({ id: '1' }),
      memberPost({ id: '2', person: 'Bo Dahl' }),
      memberPost({ id: '3', author: 'b' }),
    );
    expect(await graph.store.eraseAuthor(AUTHOR)).toEqual({ posts: 2, facts: 1, events: 3, pictures: 0 });
    expect(await graph.reader.stats()).toEqual({ posts: 1, entities: 2, facts: 1, mentions: 2 });
    expect((await graph.reader.facts({}, { first: 9 })).items.map(({ node }) => node.evidenceCount)).toEqual([1]);
    expect(await graph.reader.entityByName('Bo Dahl')).toBeUndefined();
  });

  test('erasing again, or one who is not there, does nothing', async () => {
    await apply(memberPost({ id: '1' }));
    await erase();
    const lines = await linesOf(graph.reader);
    expect(await graph.store.eraseAuthor(AUTHOR)).toEqual({ posts: 0, facts: 0, events: 0, pictures: 0 });
    expect(await linesOf(graph.reader)).toEqual(lines);
    expect(await graph.store.eraseAuthor({ platform: 'x', id: 'nobody' })).toMatchObject({ posts: 0 });
  });

  test('what comes late stays out, whatever is said of the account', async () => {
    await apply(memberPost({ id: '1' }));
    await erase();
    expect(await apply(memberPost({ id: '1' }), memberPost({ id: '1', version: '7' }))).toEqual([
      'unchanged',
      'tombstoned',
    ]);
    expect(await apply(memberPost({ id: '2' }), accountEvent('a', 'account.active', LATER))).toEqual([
      'tombstoned',
      'marked',
    ]);
    expect(await apply(memberPost({ id: '3', at: LATER }), deletionOf('3'))).toEqual(['tombstoned', 'deleted']);
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
  });

  test('hidden posts go too and do not come back', async () => {
    await apply(memberPost({ id: '1' }), postEvent('1', 'post.dropped', NOON));
    expect(await graph.store.eraseAuthor(AUTHOR)).toMatchObject({ posts: 1 });
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['marked']);
    expect((await graph.reader.stats()).posts).toBe(0);
  });

  test('pictures go unless another author shows them, readable or hidden', async () => {
    await apply(
      showing(memberPost({ id: '1' }), 'aa', 'bb', 'cc'),
      showing(memberPost({ id: '2' }), 'aa', 'dd'),
      showing(memberPost({ id: '3', author: 'b' }), 'bb'),
      showing(memberPost({ id: '4', author: 'c' }), 'cc'),
      postEvent('2', 'post.dropped', NOON),
      postEvent('4', 'post.dropped', NOON),
    );
    expect(await erase()).toEqual(['aa'.repeat(32), 'dd'.repeat(32)]);
    expect(await erase('b')).toEqual(['bb'.repeat(32)]);
  });

  test('a picture store that does not answer leaves everything to be erased again', async () => {
    await apply(showing(memberPost({ id: '1' }), 'aa'));
    const failing = graph.store.eraseAuthor(AUTHOR, () => Promise.reject(new Error('no store')));
    await expect(failing).rejects.toThrow('no store');
    expect((await graph.reader.stats()).posts).toBe(1);
    expect(await erase()).toEqual(['aa'.repeat(32)]);
  });

  test('events keep their places and lose the names that nobody says any more', async () => {
    await apply(memberPost({ id: '1', person: 'ADA LIND' }), memberPost({ id: '2', person: 'Bo Dahl' }));
    await apply(memberPost({ id: '3', author: 'b' }));
    await relayAll(graph.store);
    await erase();
    await relayAll(graph.store);
    const events = await graph.reader.eventsAfter(0, 100);
    expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1));
    const told = events.map((event) =>
      'fact' in event ? [event.kind, event.headName, event.tailName] : [event.kind, event.entity.name],
    );
    expect(told).toEqual([
      ['entity.created', 'Ada Lind'],
      ['entity.created', 'Harbour Robotics'],
      ['fact.created', 'Ada Lind', 'Harbour Robotics'],
      ['entity.created', ''],
      ['fact.created', '', 'Harbour Robotics'],
      ['fact.strengthened', 'Ada Lind', 'Harbour Robotics'],
      ['fact.retracted', '', 'Harbour Robotics'],
    ]);
  });

  test('the past forgets what is erased', async () => {
    clock.nowMs = 1000;
    await apply(memberPost({ id: '1' }));
    clock.nowMs = 2000;
    await apply(postEvent('1', 'post.dropped', NOON));
    clock.nowMs = 3000;
    expect(await graph.reader.countFacts([{ asOfMs: 1500 }])).toEqual([1]);
    await erase();
    expect(await graph.reader.countFacts([{ asOfMs: 1500 }])).toEqual([0]);
  });

  test('an author with more posts than are moved at a time goes whole', async () => {
    await apply(
      ...Array.from({ length: 700 }, (_, index) => memberPost({ id: `${index}`, person: `Person ${index % 9}` })),
    );
    expect(await graph.store.eraseAuthor(AUTHOR)).toMatchObject({ posts: 700, facts: 9 });
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
  });
});
