import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/graph/neo4j/migrations/index.ts';
import { migrateNeo4jGraph, neo4jGraph } from '../../src/graph/neo4j/neo4j-graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, memberPost } from '../helpers/graph-extractions.ts';
import { askNeo4j, neo4jAdapter, serverFromEnvironment } from '../helpers/graph-servers.ts';

const server = serverFromEnvironment();

describe.skipIf(!server)('what people who ask Neo4j itself see', () => {
  let database: TestDatabase;
  let graph: OpenGraph;
  const ask = <T>(cypher: string) => (server ? askNeo4j<T>(server, cypher) : Promise.resolve([]));

  beforeAll(async () => {
    if (!server) return;
    database = await neo4jAdapter(server).database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database?.[Symbol.asyncDispose]());

  const migrateHere = () => migrateNeo4jGraph(server ?? { url: '', username: '', password: '' });

  const EDGES =
    'MATCH (h:PER)-[r:PER_ORG_MEMBER_OF]->(t:ORG) RETURN h.name AS head, t.name AS tail, r.evidenceCount AS count';

  test('a live fact is an edge of its own type between labelled entities', async () => {
    await graph.store.replacePosts([memberPost({ id: '1' }), memberPost({ id: '2', author: 'b' })]);
    expect(await ask(EDGES)).toEqual([{ head: 'Ada Lind', tail: 'Harbour Robotics', count: 2 }]);
    const left = extractionOf({ id: '1', version: '1' });
    await graph.store.replacePosts([left, extractionOf({ id: '2', version: '1' }), memberPost({ id: '3' })]);
    expect(await ask(EDGES)).toEqual([{ head: 'Ada Lind', tail: 'Harbour Robotics', count: 1 }]);
    await graph.store.replacePosts([deletionOf('3')]);
    expect(await ask('MATCH ()-[r:PER_ORG_MEMBER_OF]->() RETURN count(r) AS count')).toEqual([{ count: 0 }]);
  });

  test('a fact keeps parts while it has much evidence', async () => {
    const ids = Array.from({ length: 257 }, (_, number) => `${number}`);
    const parts = 'MATCH (p:HotPart) WITH count(p) AS parts OPTIONAL MATCH (h:HotFact) RETURN parts, count(h) AS facts';
    await graph.store.replacePosts(ids.map((id) => memberPost({ id, author: id })));
    expect(await ask(parts)).toEqual([{ parts: 5 * 257, facts: 1 }]);
    await graph.store.replacePosts(ids.slice(0, 129).map((id) => deletionOf(id)));
    expect(await ask(parts)).toEqual([{ parts: 0, facts: 0 }]);
  });

  test('several that open an empty database at once make its schema together', async () => {
    const names = async (what: string) =>
      (await ask<{ name: string }>(`SHOW ${what} YIELD name, type WHERE type <> 'LOOKUP' RETURN name`)).map(
        ({ name }) => name,
      );
    const whole = await names('INDEXES');
    await ask('MATCH (s:GrapevineSchema) DELETE s');
    for (const name of await names('CONSTRAINTS')) await ask(`DROP CONSTRAINT \`${name}\``);
    for (const name of await names('INDEXES')) await ask(`DROP INDEX \`${name}\``);
    const opened = await Promise.all(Array.from({ length: 4 }, () => database.open()));
    expect((await names('INDEXES')).sort()).toEqual(whole.sort());
    await Promise.all(opened.map(({ store }) => store.replacePosts([memberPost()])));
  });

  test('lists of schema 5 are there after it', async () => {
    await graph.store.replacePosts([memberPost()]);
    await ask('MATCH ()-[a:ASSERTS]->() REMOVE a.place');
    await ask('MATCH (m:Mention) REMOVE m.place');
    await ask('MATCH (f:Fact) REMOVE f.headPlace, f.tailPlace');
    await ask('MATCH (p:Post) REMOVE p.newestPlace');
    await ask("MERGE (s:GrapevineSchema {name: 'grapevine'}) SET s.version = 5");
    await migrateHere();
    expect((await graph.reader.posts({ first: 10 })).items).toHaveLength(1);
    const [fact] = (await graph.reader.facts({}, { first: 1 })).items;
    const { id = '', headId = '', tailId = '' } = fact?.node ?? {};
    expect((await graph.reader.evidence(id, { first: 10 })).items).toHaveLength(1);
    for (const entityId of [headId, tailId]) {
      expect((await graph.reader.mentionsOfEntity(entityId, { first: 10 })).items).toHaveLength(1);
      expect((await graph.reader.facts({ entityId }, { first: 10 })).items).toHaveLength(1);
    }
  });

  test('types that are no names, and hostile ones, do no harm', async () => {
    const mentions = [
      ['Ada', '日本'],
      ['Bo', "x`]->() DETACH DELETE n //'"],
    ] as const;
    await graph.store.replacePosts([
      extractionOf({
        mentions,
        relations: [
          ['/', 0, 1],
          ['a`b', 0, 1],
        ],
      }),
    ]);
    expect(await graph.reader.stats()).toMatchObject({ entities: 2, facts: 2 });
    expect(await ask('MATCH (:Entity)-[r]->(:Entity) RETURN type(r) AS type')).toEqual([{ type: 'A_B' }]);
  });

  test('a deletion leaves nothing but the tombstone', async () => {
    const picture = { source: 'a.jpg', sha256: 'ab'.repeat(32), outcome: 'ok' as const };
    await graph.store.replacePosts([{ ...memberPost({ id: '1' }), images: [picture] }]);
    expect(await ask('MATCH (:Author)-[:POSTED]->(:Post)-[:HAS_IMAGE]->(i:Image) RETURN count(i) AS count')).toEqual([
      { count: 1 },
    ]);
    await graph.store.replacePosts([deletionOf('1', '9')]);
    const labels = await ask<{ label: string }>(
      'MATCH (n) WHERE NOT n:Outbox AND NOT n:Gate RETURN labels(n)[0] AS label ORDER BY label',
    );
    expect(labels.map((row) => row.label)).toEqual(['Fact', 'Post', 'Sequence']);
    expect(await ask('MATCH (p:Post) RETURN p.text + p.images AS content, p.authorId AS author')).toEqual([
      { content: '[]', author: null },
    ]);
  });

  test('numbers that count are integers', async () => {
    await graph.store.replacePosts([memberPost()]);
    const kinds = await ask<{ kinds: readonly string[] }>(
      `MATCH (p:Post)-[:HAS_MENTION]->(m:Mention) MATCH (f:Fact) MATCH (s:Surface)
       RETURN DISTINCT [x IN [p.eventMs, m.start, f.evidenceCount, f.createdMs, s.count] | valueType(x)] AS kinds`,
    );
    expect(kinds).toEqual([{ kinds: Array(5).fill('INTEGER NOT NULL') }]);
  });

  test('a database of a later Grapevine is left alone', async () => {
    await ask("CREATE (:GrapevineSchema {name: 'grapevine', version: 99})");
    await expect(database.open()).rejects.toMatchObject({ code: 'GRAPH_NEWER', retryable: false });
    await expect(migrateHere()).rejects.toMatchObject({ code: 'GRAPH_NEWER' });
  });

  test('events of schema 1 keep their positions', async () => {
    const newcomer = (id: string) => extractionOf({ id, mentions: [[`Org ${id}`, 'ORG']] });
    await graph.store.replacePosts(['1', '2', '3'].map(newcomer));
    await ask("CREATE (:GrapevineSchema {name: 'grapevine', version: 1})");
    await ask("CREATE (:Lease {name: 'relay', holder: 'old', expiresMs: 9000000000000000, lastPosition: 2})");
    await ask('MATCH (o:Outbox) REMOVE o:Unpublished');
    await ask('MATCH (o:Outbox) WHERE o.seq < 3 SET o.position = o.seq');
    await ask('MATCH (o:Outbox {seq: 1}) SET o.publishedMs = 1 REMOVE o:Waiting');
    await expect(database.open()).rejects.toMatchObject({ code: 'GRAPH_OLDER', retryable: false });
    expect(await migrateHere()).toMatchObject({ from: 1, to: MIGRATIONS.length });
    expect(await migrateHere()).toEqual({ from: MIGRATIONS.length, to: MIGRATIONS.length, steps: [] });
    const reopened = await database.open();
    expect(await reopened.reader.lastPosition()).toBe(2);
    expect((await relayAll(reopened.store)).map((event) => event.position)).toEqual([2, 3]);
  });

  test('names of schema 2 are searchable after it', async () => {
    await graph.store.replacePosts([memberPost()]);
    await ask('MATCH (s:Surface) REMOVE s.terms');
    await ask("CREATE (:GrapevineSchema {name: 'grapevine', version: 2})");
    expect(await graph.reader.countEntities({ search: 'harb' })).toBe(0);
    await migrateHere();
    expect(await graph.reader.countEntities({ search: 'harb' })).toBe(1);
  });

  test('an unknown database is told as such', async () => {
    if (!server) return;
    const opening = neo4jGraph({ ...server, database: 'nowhere', transactionRetryMs: 500 });
    await expect(opening).rejects.toMatchObject({
      code: 'GRAPH_UNREACHABLE',
      message: expect.stringMatching(/no database nowhere .*NEO4J_DATABASE$/),
    });
  });

  test('a wrong password is told as such', async () => {
    const opening = neo4jGraph({
      url: server?.url ?? '',
      username: 'neo4j',
      password: 'wrong-one',
      transactionRetryMs: 500,
    });
    await expect(opening).rejects.toMatchObject({
      code: 'GRAPH_UNREACHABLE',
      retryable: false,
      message: expect.stringContaining('NEO4J_PASSWORD'),
    });
  });
});

test('a place where no Neo4j answers is told in one sentence without secrets', async () => {
  const port = await closedPort();
  const url = `neo4j://127.0.0.1:${port}`;
  const opening = neo4jGraph({ url, username: 'neo4j', password: 'hush-hush', transactionRetryMs: 500 });
  const error = await opening.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: 'GRAPH_UNREACHABLE', retryable: false });
  expect(error?.message).toContain(url);
  expect(error?.message).not.toMatch(/hush|\n|RoutingTable/);
  expect(error?.message).toMatch(/ECONNREFUSED.*is it running\?$/);
});

async function closedPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
