import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entityId, eventKey, factId, postNodeId } from '../../src/domain/ids.ts';
import { isRetryable } from '../../src/errors.ts';
import { digest } from '../../src/graph/digest.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { NORM_VERSION, normalise } from '../../src/graph/resolve/normalise.ts';
import { relayAll, relayFacts, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, MEMBER_OF, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const ADA = entityId('PER', normalise('Ada Lind'), NORM_VERSION);
const HARBOUR = entityId('ORG', normalise('Harbour Robotics'), NORM_VERSION);
const FACT = factId(ADA, MEMBER_OF, HARBOUR);

describe.each(graphAdapters())('graph store on $name', (adapter) => {
  const clock = { nowMs: 1000 };
  let database: TestDatabase;
  let graph: OpenGraph;

  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
  });
  beforeEach(async () => {
    clock.nowMs = 1000;
    await database.clear();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const apply = (...posts: Parameters<typeof graph.store.replacePosts>[0]) => graph.store.replacePosts(posts);
  const fact = async () => (await graph.reader.factsById([FACT]))[0];

  test('stores a post with its mentions, entities and fact', async () => {
    expect(await apply(memberPost({ id: '1', pictures: ['missing'] }))).toEqual(['created']);
    expect(await fact()).toMatchObject({
      id: FACT,
      type: MEMBER_OF,
      headId: ADA,
      tailId: HARBOUR,
      createdMs: 1000,
      evidenceCount: 1,
      sourceCount: 1,
      authorCount: 1,
      maxConfidence: 0.8,
    });
    const [post] = await graph.reader.postsById([postNodeId('native', '1')]);
    expect(post).toMatchObject({
      nativeId: '1',
      version: '0',
      text: 'post 1 says about Ada Lind Harbour Robotics',
      author: { id: 'a', handle: '@a' },
      images: [{ source: '0.jpg', outcome: 'missing' }],
    });
    expect(await graph.reader.stats()).toEqual({ posts: 1, entities: 2, facts: 1, mentions: 2 });
  });

  test('a replay changes nothing and tells nothing', async () => {
    const posts = [memberPost({ id: '1' }), memberPost({ id: '2', author: 'b' })];
    await apply(...posts);
    await relayAll(graph.store);
    const before = await digest(graph.reader);
    clock.nowMs = 2000;
    expect(await apply(...posts, ...posts)).toEqual(Array(4).fill('unchanged'));
    expect(await digest(graph.reader)).toBe(before);
    expect(await relayAll(graph.store)).toEqual([]);
  });

  test('an edit replaces what the post said', async () => {
    await apply(memberPost({ id: '1', version: '1' }));
    expect(await apply(memberPost({ id: '1', version: '10', organisation: 'Northlight' }))).toEqual(['replaced']);
    expect(await fact()).toBeUndefined();
    expect(await graph.reader.entitiesById([HARBOUR])).toEqual([undefined]);
    expect(await apply(memberPost({ id: '1', version: '9' }))).toEqual(['stale_version']);
    expect(await graph.reader.stats()).toEqual({ posts: 1, entities: 2, facts: 1, mentions: 2 });
  });

  test('a deletion leaves nothing to read and a late create stays out', async () => {
    await apply(memberPost({ id: '1', version: '3' }));
    expect(await apply(deletionOf('1', '2'))).toEqual(['stale_version']);
    expect(await apply(deletionOf('1', '3'))).toEqual(['deleted']);
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
    expect(await graph.reader.postsById([postNodeId('native', '1')])).toEqual([undefined]);
    expect(await apply(memberPost({ id: '1', version: '3' }), deletionOf('1', '3'))).toEqual([
      'tombstoned',
      'unchanged',
    ]);
    expect(await apply(memberPost({ id: '1', version: '4' }))).toEqual(['created']);
    expect(await fact()).toMatchObject({ evidenceCount: 1 });
  });

  test('a deletion that comes first keeps the post out', async () => {
    expect(await apply(deletionOf('1', '5'), deletionOf('2'))).toEqual(['deleted', 'deleted']);
    const posts = [memberPost({ id: '1', version: '5' }), memberPost({ id: '2', version: '99' })];
    expect(await apply(...posts)).toEqual(['tombstoned', 'tombstoned']);
    expect(await fact()).toBeUndefined();
  });

  test('a lower generation never replaces a higher one of the same version', async () => {
    await apply(memberPost({ id: '1', generation: 2 }));
    expect(await apply(extractionOf({ id: '1', generation: 1 }))).toEqual(['lower_generation']);
    expect(await apply(extractionOf({ id: '1', generation: 3 }))).toEqual(['replaced']);
    expect(await apply(extractionOf({ id: '1', version: '1', generation: 1 }))).toEqual(['replaced']);
  });

  test('of two contents of one version and generation the same one wins in any order', async () => {
    const [left, right] = [memberPost({ id: '1' }), memberPost({ id: '1', organisation: 'Northlight' })];
    const outcomes = [await apply(left, right), await apply(left, right)].flat();
    expect(outcomes.toSorted()).toEqual(expect.arrayContaining(['conflicting_content', 'created', 'unchanged']));
    const first = await digest(graph.reader);
    await database.clear();
    await apply(right, left);
    expect(await digest(graph.reader)).toBe(first);
  });

  test('a fact survives as long as another post supports it', async () => {
    await apply(memberPost({ id: '1' }), memberPost({ id: '2', author: 'b', words: 'someone else now tells us that' }));
    expect(await fact()).toMatchObject({ evidenceCount: 2, sourceCount: 2, authorCount: 2 });
    expect((await fact())?.confidence).toBeCloseTo(0.96, 7);
    await apply(deletionOf('1'));
    expect(await fact()).toMatchObject({ evidenceCount: 1, sourceCount: 1, confidence: expect.closeTo(0.8, 7) });
    await apply(deletionOf('2'));
    expect(await fact()).toBeUndefined();
    expect(await graph.reader.countFacts([{}])).toEqual([0]);
  });

  test('copies and reposts are one source', async () => {
    const words = 'Breaking news of today about';
    await apply(
      memberPost({ id: '1', words, at: '2026-01-01T00:00:00Z' }),
      memberPost({ id: '2', author: 'b', words: `RT @a: ${words.toUpperCase()}`, at: '2026-01-01T00:01:00Z' }),
      memberPost({ id: '3', author: 'c', words: 'so true what they say here', repostOf: '1' }),
    );
    expect(await fact()).toMatchObject({ evidenceCount: 3, sourceCount: 1, authorCount: 3 });
    expect((await fact())?.confidence).toBeCloseTo(0.8, 7);
  });

  test('a symmetric relation is one fact in both directions, and nothing relates to itself', async () => {
    const type = '/per/per/peer';
    const [ada, bo] = [['Ada Lind', 'PER'] as const, ['Bo Dahl', 'PER'] as const];
    await apply(
      extractionOf({ id: '1', mentions: [ada, bo], relations: [[type, 0, 1]], symmetric: true }),
      extractionOf({ id: '2', author: 'b', mentions: [bo, ada], relations: [[type, 0, 1]], symmetric: true }),
      extractionOf({ id: '3', author: 'c', mentions: [ada, ['ADA LIND', 'PER']], relations: [[type, 0, 1]] }),
    );
    expect(await graph.reader.countFacts([{}])).toEqual([1]);
    expect((await graph.reader.facts({}, { first: 10 })).items[0]?.node).toMatchObject({ evidenceCount: 2 });
  });

  test('an entity is called what most of its live mentions call it, ties in code-point order', async () => {
    const name = async () => (await graph.reader.entitiesById([ADA]))[0];
    await apply(memberPost({ id: '1', person: 'ada lind' }), memberPost({ id: '2', person: 'Ada Lind' }));
    expect(await name()).toMatchObject({ name: 'Ada Lind', mentionCount: 2, normName: 'ada lind' });
    await apply(memberPost({ id: '3', person: 'ada lind' }));
    expect(await name()).toMatchObject({ name: 'ada lind', mentionCount: 3 });
    await apply(deletionOf('1'));
    expect(await name()).toMatchObject({ name: 'Ada Lind', mentionCount: 2 });
  });

  test('text that a database could misread is kept as text', async () => {
    const hostile = ["a'}) DETACH DELETE n //", '`); DROP TABLE post; --', '%', '_', '👩‍🚀 \u0000 \ud800'];
    const mentions = hostile.map((text) => [text, 'MISC'] as const);
    await apply(extractionOf({ id: "'; --", mentions, pictures: ['ok'] }));
    const stored = await graph.reader.mentionsOfPosts([postNodeId('native', "'; --")]);
    const expected = hostile.map((text) => text.replace('\u0000', '\ufffd').replace('\ud800', '\ufffd'));
    expect(stored[0]?.map((mention) => mention.text)).toEqual(expected);
    for (const text of hostile.slice(0, 4)) {
      expect(await graph.reader.entityByName(text)).toMatchObject({ name: text });
      expect(await graph.reader.countEntities({ search: text })).toBe(1);
    }
  });

  test('a record that contradicts itself is refused and leaves nothing', async () => {
    const good = memberPost({ id: '1' });
    const bad = { ...memberPost({ id: '2' }), relations: [{ type: MEMBER_OF, head: 0, tail: 7, p: 0.5 }] };
    await expect(apply(good, bad)).rejects.toMatchObject({ code: 'GRAPH_REJECTED', retryable: false });
    expect((await graph.reader.stats()).posts).toBe(0);
  });

  test('two writers at once end in the newest version of every post', async () => {
    const second = await database.open();
    const versions = [...Array(10).keys()].map(String);
    const write = (store: OpenGraph['store'], order: readonly string[]) =>
      order.reduce(
        (done, version) =>
          done.then(async () => {
            const posts = ['1', '2', '3'].map((id) =>
              memberPost({ id, version, author: id, organisation: `Org ${version}` }),
            );
            await retried(() => store.replacePosts(posts));
          }),
        Promise.resolve(),
      );
    await Promise.all([write(graph.store, versions), write(second.store, versions.toReversed())]);
    const { items } = await graph.reader.facts({}, { first: 100 });
    expect(items.map(({ node }) => node.evidenceCount)).toEqual([3]);
    const tail = await graph.reader.entitiesById([items[0]?.node.tailId ?? '']);
    expect(tail[0]).toMatchObject({ name: 'Org 9', mentionCount: 3 });
    expect(await graph.reader.stats()).toEqual({ posts: 3, entities: 2, facts: 1, mentions: 6 });
  });

  test('events tell of creation, support and retraction with stable keys', async () => {
    await apply(memberPost({ id: '1' }), memberPost({ id: '2', author: 'b' }), memberPost({ id: '3', author: 'b' }));
    const posts = ['1', '2'].map((id) => postNodeId('native', id));
    const events = await relayFacts(graph.store);
    expect(events).toMatchObject([
      { kind: 'fact.created', position: 3, postId: posts[0], key: eventKey('fact.created', FACT, posts[0] ?? '', '0') },
      { kind: 'fact.strengthened', position: 4, postId: posts[1], fact: { sourceCount: 2 } },
    ]);
    expect(events[0]).toMatchObject({
      headName: 'Ada Lind',
      headType: 'PER',
      tailName: 'Harbour Robotics',
      tailType: 'ORG',
    });
    await apply(deletionOf('1', '7'), deletionOf('2', '7'), deletionOf('3', '7'));
    await apply(memberPost({ id: '1', version: '8' }));
    expect(await relayFacts(graph.store)).toMatchObject([
      { kind: 'fact.retracted', position: 5, headName: 'Ada Lind', postVersion: '7', fact: { evidenceCount: 0 } },
      { kind: 'fact.created', position: 8, postVersion: '8' },
    ]);
    expect(await graph.reader.lastPosition()).toBe(8);
  });

  test('a post that comes twice in one batch tells both of its stories', async () => {
    await apply(
      memberPost({ id: '1' }),
      deletionOf('1'),
      memberPost({ id: '2' }),
      memberPost({ id: '2', version: '1', mentions: [], relations: [] }),
    );
    const kinds = (await relayFacts(graph.store)).map((event) => event.kind);
    expect(kinds).toEqual(['fact.created', 'fact.retracted', 'fact.created', 'fact.retracted']);
  });
});

async function retried(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isRetryable(error)) throw error;
    }
  }
}
