import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import { authorNodeId, postNodeId } from '../../src/domain/ids.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { normalise } from '../../src/graph/resolve/normalise.ts';
import { storable } from '../../src/graph/resolve/storable.ts';
import { linesOf, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, MEMBER_OF } from '../helpers/graph-extractions.ts';
import { expectedGraph } from '../helpers/graph-oracle.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';
import { HOSTILE_TEXTS } from '../helpers/hostile-texts.ts';

/** The text wherever a post can hold one: ids, handle, name, text, picture, mention, another form of the mention, types. */
function hostilePost(text: string): Extraction {
  const { post, ...extraction } = extractionOf({
    id: text,
    author: text,
    version: '1',
    words: text,
    mentions: [
      [text, 'PER'],
      [text.toUpperCase(), 'PER'],
      ['Club', 'ORG'],
    ],
    relations: [[MEMBER_OF, 0, 2]],
  });
  const author = { id: text, handle: text, name: text };
  return {
    ...extraction,
    post: { ...post, author, url: text, lang: text } as Extraction['post'],
    images: [{ source: text, outcome: 'missing' }],
  };
}

describe.each(graphAdapters())('hostile text on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  test.each(HOSTILE_TEXTS.map((text) => [JSON.stringify(text), text]))(
    '%s is stored and found as text',
    async (_, text) => {
      const { store, reader } = graph;
      const beside = extractionOf({ id: 'beside', mentions: [['Bystander', 'PER']] });
      expect(await store.replacePosts([beside, hostilePost(text)])).toEqual(['created', 'created']);
      const [post] = await reader.postsById([postNodeId('native', text)]);
      const kept = storable(text);
      expect(post).toMatchObject({ text: hostileText(text), author: { id: kept, handle: kept, name: kept } });
      expect(post?.images).toEqual([{ source: kept, outcome: 'missing' }]);
      const entity = await reader.entityByName(text, 'PER');
      expect(entity?.normName).toBe(normalise(kept));
      for (const search of [text, text.toUpperCase()]) {
        const found = (await reader.entities({ search }, { first: 10 })).items.map(({ node }) => node.id);
        expect(found).toEqual([entity?.id]);
        expect(await reader.countEntities({ search, type: 'PER' })).toBe(1);
      }
      const [fact] = (await reader.facts({ entityId: entity?.id ?? '' }, { first: 2 })).items;
      expect(fact?.node).toMatchObject({ headId: entity?.id, evidenceCount: 1 });
      expect(await linesOf(reader)).toEqual(expectedGraph([beside, hostilePost(text)]).lines);
      expect(await store.replacePosts([hostilePost(text)])).toEqual(['unchanged']);
      expect(await store.replacePosts([deletionOf(text, '2')])).toEqual(['deleted']);
      expect(await reader.stats()).toEqual({ posts: 1, entities: 1, facts: 0, mentions: 1 });
    },
  );

  test.each(HOSTILE_TEXTS.map((text) => [JSON.stringify(text), text]))('%s asked for does no harm', async (_, text) => {
    const { store, reader } = graph;
    await store.replacePosts([extractionOf({ mentions: [['Bystander', 'PER']] })]);
    const nothing = { items: [], hasNextPage: false };
    expect(await reader.entities({ search: text }, { first: 5 })).toEqual(nothing);
    expect(await reader.entities({ type: text }, { first: 5 })).toEqual(nothing);
    expect(await reader.facts({ entityId: text, type: text }, { first: 5 })).toEqual(nothing);
    expect(await reader.evidence(text, { first: 5 })).toEqual(nothing);
    expect(await reader.mentionsOfEntity(text, { first: 5 })).toEqual(nothing);
    expect(await reader.entityByName(text, text)).toBeUndefined();
    const ids = [text, authorNodeId('native', text)];
    expect(await reader.entitiesById(ids)).toEqual([undefined, undefined]);
    expect(await reader.factsById(ids)).toEqual([undefined, undefined]);
    expect(await reader.postsById(ids)).toEqual([undefined, undefined]);
    expect(await reader.mentionsById(ids)).toEqual([undefined, undefined]);
    expect(await reader.stats()).toMatchObject({ posts: 1, entities: 1, mentions: 1 });
  });
});

function hostileText(text: string): string {
  return storable(`${text} ${text} ${text.toUpperCase()} Club`);
}
