import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import { postNodeId } from '../../src/domain/ids.ts';
import { digest } from '../../src/graph/digest.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { linesOf, relayAll, relayFacts, type TestDatabase } from '../helpers/graph-adapters.ts';
import { accountEvent, deletionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const [NOON, LATER, LATEST] = ['2026-01-02T12:00:00Z', '2026-01-03T12:00:00Z', '2026-01-04T12:00:00Z'];
const POST = postNodeId('native', '1');

describe.each(graphAdapters())('what platforms say of posts and accounts, on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const apply = (...records: readonly Extraction[]) => graph.store.replacePosts(records);
  const kinds = async () => (await relayFacts(graph.store)).map((event) => event.kind);
  const states = async () =>
    (await linesOf(graph.reader))
      .map((line) => JSON.parse(line) as { line: string; state: string })
      .flatMap(({ line, state }) => (line === 'post' ? [state] : []));

  test('a dropped post is not seen and comes back as it was', async () => {
    const picture = { source: 'a.jpg', sha256: 'ab'.repeat(32), outcome: 'ok' as const };
    await apply({ ...memberPost({ id: '1' }), images: [picture] });
    const before = await graph.reader.postsById([POST]);
    const [mentions] = await graph.reader.mentionsOfPosts([POST]);
    expect(await apply(postEvent('1', 'post.dropped', NOON))).toEqual(['hidden']);
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
    expect(await graph.reader.postsById([POST])).toEqual([undefined]);
    expect(await states()).toEqual(['hidden']);
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['restored']);
    expect(await graph.reader.postsById([POST])).toEqual(before);
    expect(await graph.reader.mentionsOfPosts([POST])).toEqual([mentions]);
    const events = await relayFacts(graph.store);
    expect(events.map((event) => event.kind)).toEqual(['fact.created', 'fact.retracted', 'fact.created']);
    expect(new Set(events.map((event) => event.key)).size).toBe(3);
    expect(events[1]).toMatchObject({ headName: 'Ada Lind', tailName: 'Harbour Robotics', postVersion: '0' });
  });

  test('each time that a post goes and comes back is told, with a key of its own', async () => {
    await apply(memberPost({ id: '1' }));
    for (const at of [NOON, LATER, LATEST]) {
      await apply(postEvent('1', 'post.dropped', at));
      await apply(postEvent('1', 'post.undropped', at.replace('12:00', '13:00')));
    }
    expect(new Set((await relayAll(graph.store)).map((event) => event.key)).size).toBe(7 + 4 * 2);
  });

  test('a replay of events changes nothing and tells nothing', async () => {
    const records = [
      memberPost({ id: '1' }),
      postEvent('1', 'post.dropped', NOON),
      postEvent('1', 'post.undropped', LATER),
      accountEvent('a', 'account.suspended', NOON),
      accountEvent('a', 'account.unsuspended', LATER),
    ];
    expect(await apply(...records)).toEqual(['created', 'hidden', 'restored', 'hidden', 'restored']);
    await relayAll(graph.store);
    const before = await digest(graph.reader);
    expect(await apply(...records, ...records)).toEqual(Array(10).fill('unchanged'));
    expect(await digest(graph.reader)).toBe(before);
    expect(await relayAll(graph.store)).toEqual([]);
  });

  test('the latest word counts, whichever comes first; at one time the one that hides', async () => {
    await apply(memberPost({ id: '1' }));
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['marked']);
    expect(await apply(postEvent('1', 'post.dropped', NOON))).toEqual(['unchanged']);
    expect(await apply(postEvent('1', 'post.dropped', LATER))).toEqual(['hidden']);
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['unchanged']);
    expect(await apply(postEvent('1', 'post.undropped', LATEST))).toEqual(['restored']);
  });

  test('a post that comes after it was dropped waits, and so does its edit', async () => {
    expect(await apply(postEvent('1', 'post.dropped', NOON))).toEqual(['marked']);
    expect((await graph.reader.stats()).posts).toBe(0);
    expect(await apply(memberPost({ id: '1' }), memberPost({ id: '1', version: '1', person: 'Bo Dahl' }))).toEqual([
      'hidden',
      'hidden',
    ]);
    expect(await apply(memberPost({ id: '1' }))).toEqual(['stale_version']);
    expect(await relayAll(graph.store)).toEqual([]);
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['restored']);
    expect(await graph.reader.entityByName('Bo Dahl')).toMatchObject({ mentionCount: 1 });
    expect(await graph.reader.entityByName('Ada Lind')).toBeUndefined();
  });

  test('a hidden post can be deleted, and then nothing brings it back', async () => {
    await apply(memberPost({ id: '1' }), postEvent('1', 'post.dropped', NOON));
    expect(await apply(deletionOf('1', '0'))).toEqual(['deleted']);
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['marked']);
    expect(await apply(memberPost({ id: '1' }))).toEqual(['tombstoned']);
    expect(await states()).toEqual(['deleted']);
    expect(await kinds()).toEqual(['fact.created', 'fact.retracted']);
  });

  test('what others support stays while a post is hidden', async () => {
    await apply(memberPost({ id: '1' }), memberPost({ id: '2', author: 'b', words: 'another voice here tells us of' }));
    await apply(postEvent('1', 'post.dropped', NOON));
    expect((await graph.reader.facts({}, { first: 9 })).items.map(({ node }) => node.evidenceCount)).toEqual([1]);
    await apply(postEvent('1', 'post.undropped', LATER));
    expect((await graph.reader.facts({}, { first: 9 })).items.map(({ node }) => node.sourceCount)).toEqual([2]);
    expect(await kinds()).toEqual(['fact.created', 'fact.strengthened', 'fact.strengthened']);
  });

  test('withheld in some countries hides nothing, withheld everywhere does', async () => {
    await apply(memberPost({ id: '1' }));
    expect(await apply(postEvent('1', 'post.withheld', NOON, { countries: ['DE'] }))).toEqual(['marked']);
    expect(await apply(postEvent('1', 'post.withheld', LATER, { countries: ['XX'] }))).toEqual(['hidden']);
    expect(await apply(postEvent('1', 'post.withheld', LATEST, { countries: ['DE'] }))).toEqual(['restored']);
    expect(await apply(accountEvent('a', 'account.withheld', NOON))).toEqual(['hidden']);
    expect(await apply(accountEvent('a', 'account.active', LATER))).toEqual(['restored']);
  });

  test.each(['account.deactivated', 'account.suspended', 'account.takendown', 'account.protected'] as const)(
    '%s hides all posts of the account, new ones too, until it is active again',
    async (event) => {
      await apply(memberPost({ id: '1' }), memberPost({ id: '2' }), memberPost({ id: '3', author: 'b' }));
      expect(await apply(accountEvent('a', event, NOON))).toEqual(['hidden']);
      expect(await apply(memberPost({ id: '4' }), memberPost({ id: '5', author: 'b' }))).toEqual(['hidden', 'created']);
      expect((await graph.reader.stats()).posts).toBe(2);
      expect(await apply(accountEvent('a', 'account.active', LATER))).toEqual(['restored']);
      expect((await graph.reader.stats()).posts).toBe(5);
      expect(await apply(accountEvent('a', event, NOON))).toEqual(['unchanged']);
    },
  );

  test('one state that ends leaves the others', async () => {
    await apply(memberPost({ id: '1' }));
    await apply(accountEvent('a', 'account.suspended', NOON), accountEvent('a', 'account.protected', NOON));
    expect(await apply(accountEvent('a', 'account.unsuspended', LATER))).toEqual(['marked']);
    expect(await apply(postEvent('1', 'post.dropped', NOON))).toEqual(['marked']);
    expect(await apply(accountEvent('a', 'account.unprotected', LATER))).toEqual(['marked']);
    expect(await states()).toEqual(['hidden']);
    expect(await apply(postEvent('1', 'post.undropped', LATER))).toEqual(['restored']);
  });

  test('a deleted account takes its posts with it, those too that come late', async () => {
    await apply(memberPost({ id: '1' }), memberPost({ id: '2', author: 'b' }));
    await apply(memberPost({ id: '3' }), postEvent('3', 'post.dropped', NOON));
    expect(await apply(accountEvent('a', 'account.deleted', NOON))).toEqual(['deleted']);
    expect(await apply(memberPost({ id: '1' }), memberPost({ id: '4' }))).toEqual(['unchanged', 'tombstoned']);
    expect((await states()).toSorted()).toEqual(['deleted', 'deleted', 'deleted', 'live']);
    expect(await graph.reader.stats()).toMatchObject({ posts: 1, facts: 1 });
  });

  test('posts published up to a deletion of the account stay gone when it is back; later ones are seen', async () => {
    await apply(memberPost({ id: '1' }), accountEvent('a', 'account.deleted', NOON));
    const [old, fresh] = [memberPost({ id: '2' }), memberPost({ id: '3', at: LATEST })];
    expect(await apply(fresh)).toEqual(['hidden']);
    expect(await apply(accountEvent('a', 'account.undeleted', LATER))).toEqual(['restored']);
    expect(await apply(memberPost({ id: '1' }), old)).toEqual(['unchanged', 'tombstoned']);
    expect(await graph.reader.postsById(['2', '3'].map((id) => postNodeId('native', id)))).toEqual([
      undefined,
      expect.objectContaining({ nativeId: '3' }),
    ]);
  });

  test('an edit event takes away the versions below its own, before the new one comes or after', async () => {
    await apply(memberPost({ id: '1', version: '1' }));
    expect(await apply(postEvent('1', 'post.edited', NOON, { version: '2' }))).toEqual(['deleted']);
    expect(await apply(memberPost({ id: '1', version: '1' }))).toEqual(['tombstoned']);
    expect(await apply(memberPost({ id: '1', version: '2' }))).toEqual(['created']);
    expect(await apply(postEvent('1', 'post.edited', NOON, { version: '2' }))).toEqual(['stale_version']);
    expect((await graph.reader.stats()).posts).toBe(1);
  });

  test('an edit event without a version says nothing', async () => {
    await apply(memberPost({ id: '1' }));
    const before = await digest(graph.reader);
    const edits = [postEvent('1', 'post.edited', NOON), postEvent('1', 'post.edited', NOON, { version: '0' })];
    expect(await apply(...edits)).toEqual(['event_not_applied', 'event_not_applied']);
    expect(await digest(graph.reader)).toBe(before);
  });

  test('what is no time and no version is refused', async () => {
    const events = [
      postEvent('1', 'post.dropped', 'someday'),
      accountEvent('a', 'account.deleted', ''),
      postEvent('1', 'post.edited', NOON, { version: 'two' }),
    ];
    for (const event of events) await expect(apply(event)).rejects.toMatchObject({ code: 'GRAPH_REJECTED' });
  });

  test('a digest tells what was said of a subject that is not there', async () => {
    const empty = await digest(graph.reader);
    expect(await apply(accountEvent('a', 'account.suspended', NOON))).toEqual(['marked']);
    expect(await digest(graph.reader)).not.toBe(empty);
    expect(await linesOf(graph.reader)).toHaveLength(1);
  });

  test('an account with more posts than are moved at a time is hidden and restored whole', async () => {
    const posts = Array.from({ length: 1100 }, (_, index) =>
      memberPost({ id: `${index}`, organisation: `Org ${index % 7}` }),
    );
    await apply(...posts);
    const before = await graph.reader.stats();
    expect(await apply(accountEvent('a', 'account.suspended', NOON))).toEqual(['hidden']);
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
    expect(await apply(accountEvent('a', 'account.unsuspended', LATER))).toEqual(['restored']);
    expect(await graph.reader.stats()).toEqual(before);
  });

  test('a post and the suspension of its author that two processes write at once end hidden', async () => {
    const rival = await database.open();
    for (let round = 0; round < 20; round++) {
      const author = `author ${round}`;
      const post = memberPost({ id: `${round}`, author });
      const work = [
        () => graph.store.replacePosts([post]),
        () => rival.store.replacePosts([accountEvent(author, 'account.suspended', NOON)]),
      ];
      await Promise.all((round % 2 ? work : work.toReversed()).map((start) => start()));
      expect(await states()).toEqual(Array(round + 1).fill('hidden'));
    }
  });
});
