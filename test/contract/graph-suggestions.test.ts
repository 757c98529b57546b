import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { entityKeyOf, keyOf } from '../../src/graph/resolve/entity-key.ts';
import { suggestMerges } from '../../src/graph/suggest/suggest-merges.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { extractionOf, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('merge suggestions on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;

  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const apply = (...posts: readonly Extraction[]) => graph.store.replacePosts(posts);
  const mention = (id: string, ...mentions: readonly (readonly [string, string])[]) => extractionOf({ id, mentions });
  const suggest = async (name: string, type?: string) => {
    const entity = await graph.reader.entityByName(name, type);
    if (!entity) throw new Error(`no ${name}`);
    const found = await suggestMerges(graph.reader, entity);
    return found.map(({ from, into, score, reasons }) => ({
      from: `${from.name} ${from.type}`,
      into: `${into.name} ${into.type}`,
      score,
      kinds: reasons.map(({ kind }) => kind),
    }));
  };

  test('the same name under another type, by the share of mentions', async () => {
    await apply(mention('1', ['Jordan', 'PER']), mention('2', ['Jordan', 'PER']), mention('3', ['jordan', 'LOC']));
    const expected = [{ from: 'jordan LOC', into: 'Jordan PER', score: 0.6667, kinds: ['other_type'] }];
    expect(await suggest('Jordan', 'PER')).toEqual(expected);
    expect(await suggest('Jordan', 'LOC')).toEqual(expected);
  });

  test('a fact that says so, for both ends', async () => {
    const people = [
      ['Mark Twain', 'PER'],
      ['Samuel Clemens', 'PER'],
    ] as const;
    await apply(extractionOf({ id: '1', mentions: people, relations: [['/per/per/alternate_names', 0, 1, 0.7]] }));
    for (const name of ['Mark Twain', 'Samuel Clemens']) {
      expect(await suggest(name)).toMatchObject([{ score: 0.7, kinds: ['alternate_names'] }]);
    }
  });

  test('the handle and the name of an account, once a post of it is there', async () => {
    const post = mention('2', ['Harbour Robotics', 'ORG']);
    const author = { id: 'h', handle: 'HarbourRob', name: 'Harbour Robotics' };
    await apply(mention('1', ['@harbourrob', 'ORG']), { ...post, post: { ...post.post, author } as typeof post.post });
    const expected = [{ from: '@harbourrob ORG', into: 'Harbour Robotics ORG', score: 0.9, kinds: ['handle'] }];
    expect(await suggest('HarbourRob')).toEqual(expected);
    expect(await suggest('Harbour Robotics')).toEqual(expected);
  });

  test('an acronym of exactly one name of the type', async () => {
    await apply(mention('1', ['F.B.I.', 'ORG'], ['Federal Bureau of Investigation', 'ORG'], ['Fine Blue Ice', 'LOC']));
    const expected = [
      { from: 'F.B.I. ORG', into: 'Federal Bureau of Investigation ORG', score: 0.6, kinds: ['acronym'] },
    ];
    expect(await suggest('FBI')).toEqual(expected);
    expect(await suggest('Federal Bureau of Investigation')).toEqual(expected);
    await apply(mention('2', ['Free Bread Initiative', 'ORG']));
    expect(await suggest('FBI')).toEqual([]);
    expect(await suggest('Federal Bureau of Investigation')).toEqual([]);
  });

  test('part of a name, with the same neighbours', async () => {
    const club = (id: string, person: string) => memberPost({ id, person, organisation: 'Club' });
    await apply(club('1', 'Ada Lovelace'), club('2', 'Lovelace'), mention('3', ['Linda Lovelace', 'PER']));
    const expected = [{ from: 'Lovelace PER', into: 'Ada Lovelace PER', score: 0.45, kinds: ['part_of_name'] }];
    expect(await suggest('Lovelace')).toEqual(expected);
    expect(await suggest('Ada Lovelace')).toEqual(expected);
    expect(await suggest('Linda Lovelace')).toEqual([]);
  });

  test('one entry of another catalogue for both', async () => {
    await apply(mention('1', ['NYC', 'LOC'], ['Big Apple', 'LOC']));
    for (const name of ['NYC', 'Big Apple']) {
      await graph.store.decide({ kind: 'identify', entity: entityKeyOf('LOC', name), externalId: 'wikidata:Q60' });
    }
    expect(await suggest('NYC')).toMatchObject([{ score: 0.97, kinds: ['external_id'] }]);
  });

  test('what is kept apart is not suggested, also of parts, until that is undone; what is one is not', async () => {
    await apply(mention('1', ['Jordan', 'PER'], ['Jordan', 'LOC'], ['Michael', 'PER']));
    const key = async (name: string, type: string) => {
      const entity = await graph.reader.entityByName(name, type);
      if (!entity) throw new Error(`no ${name}`);
      return keyOf(entity);
    };
    const [person, place, michael] = [
      await key('Jordan', 'PER'),
      await key('Jordan', 'LOC'),
      await key('Michael', 'PER'),
    ];
    expect(await suggest('Jordan', 'PER')).toHaveLength(1);
    const { decision } = await graph.store.decide({ kind: 'distinct', a: place, b: person });
    expect(await suggest('Jordan', 'PER')).toEqual([]);
    expect(await suggest('Jordan', 'LOC')).toEqual([]);
    await graph.store.decide({ kind: 'merge', from: person, into: michael }, { id: 'merge' });
    expect(await suggest('Jordan', 'LOC')).toEqual([]);
    expect(await suggest('Michael')).toEqual([]);
    await expect(graph.store.decide({ kind: 'merge', from: place, into: person })).rejects.toMatchObject({
      code: 'USAGE',
    });
    await graph.store.decide({ kind: 'undo', decisionId: decision.id });
    expect(await suggest('Jordan', 'LOC')).toMatchObject([{ into: 'Jordan PER' }]);
    const about = await graph.reader.decisionsAbout([person.id]);
    expect(about.map(({ kind }) => kind)).toEqual(['distinct', 'merge', 'undo']);
    expect(await graph.reader.partsOf(michael.id)).toEqual([person]);
    await graph.store.decide({ kind: 'merge', from: place, into: michael });
    expect(await suggest('Michael')).toEqual([]);
  });

  test('hostile names are only names', async () => {
    const names = ["'); DROP TABLE entity; --", '} RETURN 1 //', '@', '#', '\u202e', 'A'.repeat(5000), '"*"~ OR'];
    await apply(extractionOf({ mentions: names.map((name) => [name, 'PER'] as const) }));
    for (const name of names) expect(await suggest(name)).toEqual([]);
  });
});
