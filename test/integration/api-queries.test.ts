import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deletion, sketch } from '../helpers/api-extractions.ts';
import { openTestApi, openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const MEMBER = '/per/org/member_of';
const IN = '/org/loc/located_in';

describe.each(graphAdapters())('queries on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
    const join = { type: MEMBER, head: 0, tail: 1 };
    await api.store.replacePosts([
      sketch({
        id: '1',
        minute: 1,
        text: 'Welcome [Ada Lark|PER] to [Orbit FC|ORG]! 🎉',
        relations: [{ ...join, p: 0.8 }],
        pictures: [
          { source: 'a.jpg', sha256: 'ab'.repeat(32), outcome: 'ok', regions: [[0.1, 0.2, 0.5, 1]] },
          { source: 'b.jpg', outcome: 'missing' },
        ],
      }),
      sketch({
        id: '2',
        minute: 2,
        text: 'So 🎉 it is true: [ada lark|PER] signs for [Orbit FC|ORG]',
        relations: [{ ...join, p: 0.6 }],
      }),
      sketch({
        id: '3',
        minute: 3,
        text: '[Orbit FC|ORG] moves to [Oslo|LOC]',
        relations: [{ type: IN, head: 0, tail: 1, p: 0.7 }],
      }),
      sketch({ id: '4', minute: 4, text: '[Gone|PER] was at [Orbit FC|ORG]', relations: [{ ...join, p: 0.9 }] }),
      deletion('4'),
    ]);
    const crowd = Array.from({ length: 230 }, (_, i) =>
      sketch({ id: `c${i}`, text: `[Person ${i}|PER] waves from afar today` }),
    );
    await api.store.replacePosts(crowd);
  });

  afterAll(() => api[Symbol.asyncDispose]());

  test('an entity by name with its facts, evidence, spans and pictures', async () => {
    const { data, errors } = await api.query(`{
    entity(name: "ADA LARK") {
      type name normName mentionCount
      facts { totalCount edges { node {
        type confidence maxConfidence evidenceCount sourceCount authorCount firstSeen lastSeen createdAt
        head { name } tail { name type }
        evidence { edges { node {
          confidence extractor
          head { text start end type confidence entity { name } }
          tail { text }
          post { platform nativeId text createdAt version author { id } pictures { source sha256 outcome regions { left top right bottom } } mentions { text } }
        } } }
      } } }
      mentions { edges { node { text post { nativeId } } } }
    }
  }`);
    expect(errors).toBeUndefined();
    expect(data.entity).toMatchObject({ type: 'PER', normName: 'ada lark', mentionCount: 2, facts: { totalCount: 1 } });
    const [{ node: fact }] = data.entity.facts.edges;
    expect(fact).toMatchObject({ type: MEMBER, maxConfidence: 0.8, evidenceCount: 2, sourceCount: 2, authorCount: 2 });
    expect(fact.confidence).toBeCloseTo(1 - 0.2 * 0.4, 6);
    expect(fact).toMatchObject({ firstSeen: '2026-03-01T12:01:00.000Z', lastSeen: '2026-03-01T12:02:00.000Z' });
    expect(fact.tail).toEqual({ name: 'Orbit FC', type: 'ORG' });
    const [first, second] = fact.evidence.edges.map((edge: { node: unknown }) => edge.node);
    expect(first).toMatchObject({
      confidence: 0.8,
      extractor: 'hand/1',
      post: { nativeId: '1', author: { id: 'author of 1' } },
    });
    expect(first.post.pictures).toEqual([
      {
        source: 'a.jpg',
        sha256: 'ab'.repeat(32),
        outcome: 'ok',
        regions: [{ left: 0.1, top: 0.2, right: 0.5, bottom: 1 }],
      },
      { source: 'b.jpg', sha256: null, outcome: 'missing', regions: [] },
    ]);
    expect(second.post.text.slice(second.head.start, second.head.end)).toBe('ada lark');
    expect(second.post.mentions).toEqual([{ text: 'ada lark' }, { text: 'Orbit FC' }]);
    expect(data.entity.mentions.edges.map((edge: any) => edge.node.post.nativeId)).toEqual(['2', '1']);
  });

  test('facts can be told apart by direction, type and confidence', async () => {
    const count = async (args: string) =>
      (await api.query(`{ entity(name: "Orbit FC") { facts(${args}) { totalCount } } }`)).data.entity.facts.totalCount;
    expect(await count('direction: ANY')).toBe(2);
    expect(await count('direction: OUT')).toBe(1);
    expect(await count('direction: IN')).toBe(1);
    expect(await count(`type: "${IN}"`)).toBe(1);
    expect(await count('minConfidence: 0.9')).toBe(1);
  });

  test('the newest facts of the graph, without what was retracted', async () => {
    const { data } = await api.query('{ facts { totalCount edges { node { type head { name } tail { name } } } } }');
    expect(data.facts.totalCount).toBe(2);
    expect(data.facts.edges.map((edge: any) => edge.node.tail.name).sort()).toEqual(['Orbit FC', 'Oslo']);
  });

  test('pages through all entities, each once, in the order of their names', async () => {
    const names: string[] = [];
    let after: string | null = null;
    do {
      const { data, errors }: any = await api.query(
        'query ($after: String) { entities(first: 100, after: $after) { totalCount edges { node { name type } } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      expect(errors).toBeUndefined();
      expect(data.entities.totalCount).toBe(233);
      names.push(...data.entities.edges.map((edge: any) => edge.node.name));
      after = data.entities.pageInfo.hasNextPage ? data.entities.pageInfo.endCursor : null;
    } while (after !== null);
    expect(names).toHaveLength(233);
    expect(new Set(names).size).toBe(233);
    expect(names).toEqual([...names].sort());
  });

  test('a page has 20 entities when no length is given', async () => {
    const { data } = await api.query('{ entities { edges { cursor } pageInfo { hasNextPage hasPreviousPage } } }');
    expect(data.entities.edges).toHaveLength(20);
    expect(data.entities.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
  });

  test('entities by part of the name and by type; hostile text is text', async () => {
    const find = async (query: string) =>
      (await api.query('query ($query: String) { entities(query: $query) { totalCount } }', { query })).data.entities
        .totalCount;
    expect(await find('orbit')).toBe(1);
    const sizes = (await api.query('{ stats { posts entities facts mentions } }')).data;
    for (const text of ["a'}) DETACH DELETE n //", '`orbit`) //', '*:*~', '(a+)+$', '%', 'orbit" OR "osl', '\\']) {
      expect([text, await find(text)]).toEqual([text, 0]);
    }
    expect((await api.query('{ stats { posts entities facts mentions } }')).data).toEqual(sizes);
    const { data } = await api.query('{ entities(type: "LOC") { edges { node { name } } } }');
    expect(data.entities.edges).toEqual([{ node: { name: 'Oslo' } }]);
  });

  test('the newest posts with what they mention', async () => {
    const { data, errors } = await api.query(
      '{ posts(first: 2) { edges { node { text createdAt mentions { text start entity { name } } } } pageInfo { hasNextPage } } }',
    );
    expect(errors).toBeUndefined();
    const [first, second] = data.posts.edges.map((edge: any) => Date.parse(edge.node.createdAt));
    expect(first).toBeGreaterThanOrEqual(second);
    expect(data.posts.pageInfo.hasNextPage).toBe(true);
  });

  test('node and nodes find what ids name', async () => {
    const { data } = await api.query(
      '{ entity(name: "Oslo") { id } facts(first: 1) { edges { node { id evidence { edges { node { post { id } head { id } } } } } } } }',
    );
    const [{ node: fact }] = data.facts.edges;
    const [{ node: proof }] = fact.evidence.edges;
    const ids = [data.entity.id, fact.id, proof.post.id, proof.head.id, 'ent_none', 'nonsense', '__proto___x', ''];
    const found = await api.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', { ids });
    expect(found.errors).toBeUndefined();
    expect(found.data.nodes.map((node: any) => node?.__typename)).toEqual([
      'Entity',
      'Fact',
      'Post',
      'Mention',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(found.data.nodes.slice(0, 4).map((node: any) => node.id)).toEqual(ids.slice(0, 4));
    const one = await api.query('query ($id: ID!) { node(id: $id) { ... on Entity { name } } }', { id: ids[0] });
    expect(one.data.node).toEqual({ name: 'Oslo' });
  });

  test('what does not exist is null', async () => {
    const { data, errors } = await api.query(
      '{ a: entity(name: "nobody") { id } b: entity(name: "Oslo", type: "PER") { id } c: entity(id: "ent_x") { id } }',
    );
    expect({ data, errors }).toEqual({ data: { a: null, b: null, c: null }, errors: undefined });
  });

  test('types and sizes', async () => {
    const { data } = await api.query('{ types { entities relations } stats { posts entities facts mentions } }');
    expect(data.types).toEqual({ entities: ['LOC', 'ORG', 'PER'], relations: [IN, MEMBER] });
    expect(data.stats).toEqual({ posts: 233, entities: 233, facts: 2, mentions: 236 });
  });
  test.each(['x', 'bm90IG91cnM', ''])('the cursor %j is refused with its code', async (after) => {
    const lists = ['entities', 'facts', 'posts'];
    for (const list of lists) {
      const { errors } = await api.query(`query ($after: String) { ${list}(after: $after) { edges { cursor } } }`, {
        after,
      });
      expect(errors?.[0]).toMatchObject({ path: [list], extensions: { code: 'BAD_CURSOR' } });
    }
  });

  test("one list's cursor is none of another", async () => {
    const { data } = await api.query('{ entities(first: 1) { edges { cursor } } }');
    const after = data.entities.edges[0].cursor;
    const { errors } = await api.query('query ($after: String) { facts(after: $after) { edges { cursor } } }', {
      after,
    });
    expect(errors?.[0]?.extensions.code).toBe('BAD_CURSOR');
  });
});

test('many objects of one answer are read together', async () => {
  let calls = 0;
  await using counted = await openTestApi({
    wrap: (reader) =>
      new Proxy(reader, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            calls += 1;
            return value.apply(target, args);
          };
        },
      }),
  });
  const relations = [{ type: MEMBER, head: 0, tail: 1 }];
  await counted.store.replacePosts(
    Array.from({ length: 50 }, (_, i) =>
      sketch({ id: `${i}`, text: `[Person ${i}|PER] is at [Club ${i}|ORG]`, relations }),
    ),
  );
  const { data } = await counted.query('{ facts(first: 50) { edges { node { head { name } tail { name } } } } }');
  expect(data.facts.edges).toHaveLength(50);
  expect(calls).toBe(2);
  calls = 0;
  const lengths = await counted.query('{ entities(first: 50) { edges { node { facts { totalCount } } } } }');
  const edges: readonly { node: object }[] = lengths.data.entities.edges;
  expect(edges.map(({ node }) => node)).toEqual(edges.map(() => ({ facts: { totalCount: 1 } })));
  expect(calls).toBe(2);
});
