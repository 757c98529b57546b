import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postNodeId } from '../../src/domain/ids.ts';
import type { Page, PageRequest } from '../../src/graph/graph-reader.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, MEMBER_OF, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('graph reader on $name', (adapter) => {
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
  const idOf = async (name: string) => (await graph.reader.entityByName(name))?.id ?? '';

  test('an empty graph answers everything', async () => {
    await graph.reader.ping();
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
    expect(await graph.reader.types()).toEqual({ entities: [], relations: [] });
    expect(await graph.reader.entities({}, { first: 5 })).toEqual({ items: [], hasNextPage: false });
    expect(await graph.reader.factsById(['x', 'y'])).toEqual([undefined, undefined]);
    expect(await graph.reader.mentionsOfPosts(['x', 'x'])).toEqual([[], []]);
    expect(await graph.reader.lastPosition()).toBe(0);
    expect(await graph.reader.entityByName('nobody')).toBeUndefined();
  });

  test('lists entities by name in code-point order, page by page', async () => {
    const names = ['zeta', 'Alpha', 'Äther', 'alpha two', '\u{1f600} smile', '\uff5a wide', 'Beta'];
    await apply(extractionOf({ mentions: names.map((name) => [name, 'MISC'] as const) }));
    const listed = await allPages((page) => graph.reader.entities({}, page), 2);
    expect(listed.map((entity) => entity.name)).toEqual([
      'Alpha',
      'Beta',
      'alpha two',
      'zeta',
      'Äther',
      '\uff5a wide',
      '\u{1f600} smile',
    ]);
    expect(await graph.reader.countEntities({})).toBe(7);
  });

  test('a scan gives every live row of a kind once, by id', async () => {
    const mentions = [
      ['Ada', 'PER'],
      ['Club', 'ORG'],
    ] as const;
    // More than a read brings.
    const ids = Array.from({ length: 1_001 }, (_, index) => String(index));
    for (let at = 0; at < ids.length; at += 250) {
      await apply(
        ...ids.slice(at, at + 250).map((id) => extractionOf({ id, mentions, relations: [[MEMBER_OF, 0, 1]] })),
      );
    }
    await apply(extractionOf({ id: 'gone', mentions: [['Gone', 'PER']] }), deletionOf('gone'));
    const { reader } = graph;
    const posts = await all(reader.scan('posts'));
    expect(posts.map((post) => post.id)).toEqual(ids.map((id) => postNodeId('native', id)).toSorted());
    expect(await reader.postsById(posts.slice(0, 2).map((post) => post.id))).toEqual(posts.slice(0, 2));
    const found = await all(reader.scan('mentions'));
    expect(new Set(found.map((mention) => mention.id)).size).toBe(2_002);
    const entities = await all(reader.scan('entities'));
    expect(await reader.entitiesById(entities.map((entity) => entity.id))).toEqual(entities);
    expect(entities.map(({ name, mentionCount }) => [name, mentionCount]).toSorted()).toEqual([
      ['Ada', 1_001],
      ['Club', 1_001],
    ]);
    const [fact] = await all(reader.scan('facts'));
    expect(await reader.factsById([fact?.id ?? ''])).toEqual([fact]);
    const [first, ...others] = await all(reader.scan('evidence'));
    expect(others).toHaveLength(1_000);
    const { items } = await reader.evidence(fact?.id ?? '', { first: 1 });
    expect(Object.keys(first ?? {}).toSorted()).toEqual(Object.keys(items[0]?.node ?? {}).toSorted());
  });

  test('a cursor stays valid while the list changes', async () => {
    await apply(
      extractionOf({
        id: '1',
        mentions: [
          ['a', 'MISC'],
          ['b', 'MISC'],
          ['c', 'MISC'],
        ],
      }),
    );
    const first = await graph.reader.entities({}, { first: 2 });
    expect(first.hasNextPage).toBe(true);
    const after = first.items[1]?.cursor ?? '';
    await apply(
      deletionOf('1'),
      extractionOf({
        id: '2',
        mentions: [
          ['aa', 'MISC'],
          ['c', 'MISC'],
          ['d', 'MISC'],
        ],
      }),
    );
    const second = await graph.reader.entities({}, { first: 2, after });
    expect(second.items.map(({ node }) => node.name)).toEqual(['c', 'd']);
    expect(second.hasNextPage).toBe(false);
  });

  test('refuses cursors of other lists and lengths that are none', async () => {
    await apply(memberPost());
    const cursor = (await graph.reader.entities({}, { first: 1 })).items[0]?.cursor ?? '';
    for (const after of ['', 'nonsense', Buffer.from('["facts","x","y"]').toString('base64url'), cursor]) {
      await expect(graph.reader.facts({}, { first: 1, after })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
    }
    for (const first of [0, 101, 1.5, Number.NaN]) {
      await expect(graph.reader.entities({}, { first })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  const found = async (query: Parameters<typeof graph.reader.entities>[0]) => {
    const names = (await allPages((page) => graph.reader.entities(query, page), 2)).map((entity) => entity.name);
    expect(await graph.reader.countEntities(query)).toBe(names.length);
    return names;
  };

  test('a search lists what it finds by name in code-point order, page by page', async () => {
    const names = ['\uff5a wide', '\u{1f600} wide', 'Wide', 'A wide', 'a wider', 'wid'];
    await apply(extractionOf({ mentions: names.map((name) => [name, 'MISC'] as const) }));
    const all = await allPages((page) => graph.reader.entities({ search: 'wide' }, page), 1);
    const expected = ['A wide', 'Wide', 'a wider', '\uff5a wide', '\u{1f600} wide'];
    expect(all.map((entity) => entity.name)).toEqual(expected);
  });

  test('finds entities by type and by the beginnings of words, in any order', async () => {
    await apply(
      extractionOf({
        mentions: [
          ['Harbour Robotics', 'ORG'],
          ['Harbour', 'LOC'],
          ['100%', 'MISC'],
          ['a_b', 'MISC'],
        ],
      }),
    );
    expect(await found({ search: 'HARBOUR' })).toEqual(['Harbour', 'Harbour Robotics']);
    expect(await found({ search: 'harbour', type: 'ORG' })).toEqual(['Harbour Robotics']);
    expect(await found({ search: '' })).toHaveLength(4);
    expect(await found({ search: ' \t' })).toHaveLength(4);
    expect(await found({ search: 'robot HÁRB' })).toEqual(['Harbour Robotics']);
    expect(await found({ search: 'harbour harbour robots' })).toEqual([]);
    expect(await found({ search: 'arbour' })).toEqual([]);
    expect(await found({ search: '%' })).toEqual([]);
    expect(await found({ type: 'MISC' })).toHaveLength(2);
    expect(await graph.reader.entityByName('#harbour_robotics', 'LOC')).toBeUndefined();
  });

  test('finds an entity by each name that live posts give it, and by no other', async () => {
    const ada = (id: string, name: string) => extractionOf({ id, mentions: [[name, 'PER']] });
    await apply(ada('1', 'Ada Lind'), ada('2', 'ADA-LIND'), ada('3', 'Ada Lindqvist'));
    expect(await found({ search: 'lind' })).toEqual(['ADA-LIND', 'Ada Lindqvist']);
    await apply(deletionOf('1'), deletionOf('3'));
    expect(await found({ search: 'ada' })).toEqual(['ADA-LIND']);
    await apply(deletionOf('2'));
    expect(await found({ search: 'ada' })).toEqual([]);
    await apply(ada('4', 'Ada Lind'));
    expect(await found({ search: 'ada lind' })).toEqual(['Ada Lind']);
  });

  test('finds text in the middle of a word where words have no spaces', async () => {
    const names = ['東京都庁', '京都', 'กรุงเทพ', '\u{1f600}\u{1f680}', `${'x'.repeat(300)}y`];
    await apply(extractionOf({ mentions: names.map((name) => [name, 'LOC'] as const) }));
    expect(await found({ search: '京都' })).toEqual(['京都', '東京都庁']);
    expect(await found({ search: 'เทพ' })).toEqual(['กรุงเทพ']);
    expect(await found({ search: '\u{1f600}' })).toEqual(['\u{1f600}\u{1f680}']);
    expect(await found({ search: 'x'.repeat(300) })).toHaveLength(1);
  });

  test('without a type a name means the entity with most mentions', async () => {
    const paris = (id: string, type: string) => extractionOf({ id, mentions: [['Paris', type]] });
    await apply(paris('1', 'PER'), paris('2', 'LOC'), paris('3', 'LOC'));
    expect(await graph.reader.entityByName('PARIS')).toMatchObject({ type: 'LOC', mentionCount: 2 });
    expect(await graph.reader.entityByName('paris', 'PER')).toMatchObject({ type: 'PER' });
  });

  test('lists facts newest first, by end, type and confidence', async () => {
    for (const [index, organisation] of ['Alpha', 'Beta', 'Gamma'].entries()) {
      clock.nowMs += 1000;
      await apply(memberPost({ id: `${index}`, author: `${index}`, organisation, p: 0.5 + index / 10 }));
    }
    const tails = async (query: Parameters<typeof graph.reader.facts>[0]) => {
      const facts = await allPages((page) => graph.reader.facts(query, page), 2);
      const entities = await graph.reader.entitiesById(facts.map((fact) => fact.tailId));
      return entities.map((entity) => entity?.name);
    };
    const [ada, beta] = [await idOf('Ada Lind'), await idOf('Beta')];
    expect(await tails({})).toEqual(['Gamma', 'Beta', 'Alpha']);
    expect(await tails({ entityId: ada, direction: 'OUT' })).toEqual(['Gamma', 'Beta', 'Alpha']);
    expect(await tails({ entityId: ada, direction: 'IN' })).toEqual([]);
    expect(await tails({ entityId: beta })).toEqual(['Beta']);
    expect(await tails({ minConfidence: 0.55, type: MEMBER_OF })).toEqual(['Gamma', 'Beta']);
    expect(await graph.reader.countFacts([{ entityId: ada, type: 'other' }])).toEqual([0]);
    expect(await graph.reader.countFacts([{ entityId: ada, direction: 'ANY' }])).toEqual([3]);
  });

  test('gives the evidence of a fact and the mentions of an entity in time order', async () => {
    const at = (minute: number) => `2026-01-01T00:0${minute}:00Z`;
    await apply(...[3, 1, 2].map((minute) => memberPost({ id: `${minute}`, author: `${minute}`, at: at(minute) })));
    const [fact] = (await graph.reader.facts({}, { first: 1 })).items;
    const evidence = await allPages((page) => graph.reader.evidence(fact?.node.id ?? '', page), 1);
    expect(evidence.map((row) => row.postId)).toEqual(['1', '2', '3'].map((id) => postNodeId('native', id)));
    expect(evidence[0]).toMatchObject({ extractor: 'test/1', p: 0.8, eventMs: Date.parse(at(1)) });
    const mentions = await allPages(async (page) => graph.reader.mentionsOfEntity(await idOf('Ada Lind'), page), 2);
    expect(mentions.map((row) => row.postId)).toEqual(['3', '2', '1'].map((id) => postNodeId('native', id)));
    const ends = await graph.reader.mentionsById([
      evidence[0]?.tailMentionId ?? '',
      'none',
      evidence[0]?.headMentionId ?? '',
    ]);
    expect(ends.map((mention) => mention?.text)).toEqual(['Harbour Robotics', undefined, 'Ada Lind']);
    expect(Object.keys(mentions[0] ?? {}).sort()).toEqual([
      'end',
      'entityId',
      'id',
      'p',
      'postId',
      'start',
      'text',
      'type',
    ]);
  });

  test('lists live posts newest first, page by page', async () => {
    const post = (id: string, minute: number) =>
      extractionOf({ id, at: `2026-01-01T00:0${minute}:00Z`, pictures: ['missing'] });
    await apply(post('early', 1), post('late', 5), post('gone', 9), post('same', 5), deletionOf('gone'));
    const listed = await allPages((page) => graph.reader.posts(page), 1);
    const ids = listed.map((row) => row.nativeId);
    expect(ids.slice(0, 2).toSorted()).toEqual(['late', 'same']);
    expect(ids.slice(2)).toEqual(['early']);
    expect(await graph.reader.postsById(listed.map((row) => row.id))).toEqual(listed);
    await expect(graph.reader.posts({ first: 1, after: 'nonsense' })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  });

  test('names the types in use', async () => {
    await apply(memberPost({ id: '1' }), extractionOf({ id: '2', mentions: [['Oslo', 'LOC']] }));
    expect(await graph.reader.types()).toEqual({ entities: ['LOC', 'ORG', 'PER'], relations: [MEMBER_OF] });
  });
});

async function allPages<T>(read: (page: PageRequest) => Promise<Page<T>>, first: number): Promise<readonly T[]> {
  const nodes: T[] = [];
  let after: string | undefined;
  do {
    const page = await read(after === undefined ? { first } : { first, after });
    nodes.push(...page.items.map(({ node }) => node));
    after = page.hasNextPage ? page.items.at(-1)?.cursor : undefined;
  } while (after !== undefined);
  return nodes;
}

async function all<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
