import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import neo4j from 'neo4j-driver';
import { describe, expect, test } from 'vitest';
import { extractions } from '../../bench/harness/extractions.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import { Neo4jClient, type Parameters, type Run } from '../../src/graph/neo4j/client.ts';
import { Neo4jGraphReader } from '../../src/graph/neo4j/neo4j-graph-reader.ts';
import { Neo4jGraphStore } from '../../src/graph/neo4j/neo4j-graph-store.ts';
import { preparePost } from '../../src/graph/prepare-post.ts';
import { Connection, type SqlValue } from '../../src/graph/sqlite/connection.ts';
import { countFacts } from '../../src/graph/sqlite/count-facts.ts';
import { mentionSpans, timeline, trends } from '../../src/graph/sqlite/read-activity.ts';
import { linksAround, recentLinks } from '../../src/graph/sqlite/read-around.ts';
import { coMentions } from '../../src/graph/sqlite/read-co-mentions.ts';
import { countEntities, entities, entitiesById, entityByName } from '../../src/graph/sqlite/read-entities.ts';
import { evidence, facts, factsById, factsOfPosts } from '../../src/graph/sqlite/read-facts.ts';
import {
  mentionsById,
  mentionsOfEntity,
  mentionsOfPosts,
  posts,
  postsById,
} from '../../src/graph/sqlite/read-posts.ts';
import { eventsAfter, stats, types } from '../../src/graph/sqlite/read-summary.ts';
import { replacePosts } from '../../src/graph/sqlite/replace-posts.ts';
import { prepareSchema } from '../../src/graph/sqlite/schema.ts';
import { deletionOf } from '../helpers/graph-extractions.ts';
import { neo4jAdapter, serverFromEnvironment } from '../helpers/graph-servers.ts';

const POSTS = 1_500;
const first = { first: 10 };

/** What a page or the API asks for, once each; the lists also for a page after the first. */
async function askAll(reader: GraphReader): Promise<void> {
  const [one] = (await reader.facts({}, { first: 1 })).items;
  const { id = '', headId = '', type = '' } = one?.node ?? {};
  const pages = [
    (page: { first: number; after?: string }) => reader.mentionsOfEntity(headId, page),
    (page: { first: number; after?: string }) => reader.evidence(id, page),
    (page: { first: number; after?: string }) => reader.facts({}, page),
    (page: { first: number; after?: string }) => reader.posts(page),
    (page: { first: number; after?: string }) => reader.facts({ entityId: headId }, page),
    (page: { first: number; after?: string }) => reader.entities({}, page),
    (page: { first: number; after?: string }) => reader.entities({ type: 'PER' }, page),
    (page: { first: number; after?: string }) => reader.entities({ search: 'harbour' }, page),
    (page: { first: number; after?: string }) => reader.entities({ search: 'har', orderBy: 'MENTIONS' }, page),
    (page: { first: number; after?: string }) => reader.facts({ orderBy: 'EVIDENCE' }, page),
    (page: { first: number; after?: string }) => reader.facts({ type, orderBy: 'CONFIDENCE' }, page),
    (page: { first: number; after?: string }) => reader.facts({ entityId: headId, orderBy: 'LAST_SEEN' }, page),
  ];
  for (const read of pages) {
    const { items } = await read({ first: 1 });
    if (items[0]) await read({ first: 10, after: items[0].cursor });
  }
  const [mention] = (await reader.mentionsOfEntity(headId, first)).items;
  await reader.entitiesById([headId]);
  await reader.entityByName('Harbour');
  await reader.factsById([id]);
  for (const direction of ['OUT', 'IN'] as const) await reader.facts({ entityId: headId, direction, type }, first);
  await reader.countFacts([{ entityId: headId }, { entityId: id }]);
  await reader.countEntities({ search: 'harbour' });
  await reader.linksAround([headId, 'ent_none'], { limit: 10 });
  await reader.linksAround([headId], { limit: 10, type, minConfidence: 0.1 });
  await reader.recentLinks({ limit: 10 });
  await reader.mentionSpans([headId, 'ent_none']);
  await reader.timeline(headId, { fromMs: 0, toMs: 2e12, bucketMs: 86_400_000 });
  await reader.trends({ untilMs: 2e12, windowMs: 1e12, first: 10 });
  await reader.trends({ untilMs: 2e12, windowMs: 1e12, first: 10, type: 'PER' });
  await reader.postsById([mention?.node.postId ?? '']);
  await reader.mentionsById([mention?.node.id ?? '']);
  await reader.mentionsOfPosts([mention?.node.postId ?? '']);
  await reader.factsOfPosts([mention?.node.postId ?? '']);
  await reader.eventsAfter(1, 10);
  await reader.types();
  await reader.coMentions(headId);
}

test('no query or write of SQLite looks through a whole table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-plans-'));
  try {
    const asked = new Map<string, readonly unknown[]>();
    class Recording extends Connection {
      override all<T>(sql: string, ...values: readonly SqlValue[]): T[] {
        if (!sql.startsWith('EXPLAIN')) asked.set(sql, values);
        return super.all<T>(sql, ...values);
      }
      override run(sql: string, ...values: readonly SqlValue[]): number {
        asked.set(sql, values);
        return super.run(sql, ...values);
      }
    }
    const path = join(folder, 'graph.db');
    using connection = new Recording({ path, busyTimeoutMs: 100 });
    prepareSchema(connection, path);
    replacePosts(connection, [...extractions(0, POSTS)].map(preparePost), 1000);
    asked.clear();
    replacePosts(connection, [...extractions(POSTS - 5, 10), deletionOf('none')].map(preparePost), 2000);
    await askAll(sqliteReader(connection));
    stats(connection);
    const steps = [...asked].flatMap(([sql, values]) =>
      connection
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...(values as SqlValue[]))
        .map(({ detail }) => ({ detail, sql })),
    );
    const scans = steps
      .filter(({ detail }) => /^SCAN (?!json_each|pragma_|found|newest|\(|CONSTANT)/.test(detail))
      .filter(
        ({ detail, sql }) => !(/USING (COVERING )?INDEX/.test(detail) && sql.endsWith(' LIMIT ?')) && !isSmall(sql),
      )
      .map(({ detail, sql }) => `${detail}: ${sql}`);
    // Nearly all posts are live: an index of how they stand finds all of them, one after the other.
    expect(steps.filter(({ detail }) => detail.includes('USING INDEX post_standing'))).toEqual([]);
    expect(asked.size).toBeGreaterThan(30);
    expect(scans).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Numbers of the whole graph, from its entities. */
function isSmall(sql: string): boolean {
  return sql.includes('AS entities');
}

/** The queries of the reader's thread, here. */
function sqliteReader(connection: Connection): GraphReader {
  const of =
    <A extends readonly unknown[], T>(read: (connection: Connection, ...args: A) => T) =>
    async (...args: A): Promise<T> =>
      read(connection, ...args);
  const queries = {
    entitiesById: of(entitiesById),
    entityByName: of(entityByName),
    entities: of(entities),
    countEntities: of(countEntities),
    factsById: of(factsById),
    facts: of(facts),
    factsOfPosts: of(factsOfPosts),
    countFacts: of(countFacts),
    linksAround: of(linksAround),
    recentLinks: of(recentLinks),
    mentionSpans: of(mentionSpans),
    timeline: of(timeline),
    trends: of(trends),
    evidence: of(evidence),
    postsById: of(postsById),
    posts: of(posts),
    mentionsById: of(mentionsById),
    mentionsOfEntity: of(mentionsOfEntity),
    mentionsOfPosts: of(mentionsOfPosts),
    eventsAfter: of(eventsAfter),
    types: of(types),
    coMentions: of(coMentions),
  };
  return queries as unknown as GraphReader;
}

const server = serverFromEnvironment();

describe.skipIf(!server)('on Neo4j', () => {
  test('no query or write looks through all nodes of a label or all edges of a type', async () => {
    if (!server) return;
    await using database = await neo4jAdapter(server).database({ nowMs: 1000 });
    await database.open();
    const asked = new Map<string, Parameters>();
    class Recording extends Neo4jClient {
      override read<T>(cypher: string, parameters: Parameters = {}): Promise<readonly T[]> {
        asked.set(cypher, parameters);
        return super.read<T>(cypher, parameters);
      }
      override write<T>(work: (run: Run) => Promise<T>): Promise<T> {
        return super.write((run) =>
          work((cypher, parameters = {}) => {
            asked.set(cypher, parameters);
            return run(cypher, parameters);
          }),
        );
      }
    }
    const options = { ...server, database: 'neo4j', transactionRetryMs: 15_000 };
    await using store = new Neo4jGraphStore({
      client: new Recording(options),
      clock: () => 1000,
      eventRetentionMs: 1e9,
    });
    await using reader = new Neo4jGraphReader(new Recording(options));
    for (let at = 0; at < POSTS; at += 500) await store.replacePosts([...extractions(at, 500)]);
    asked.clear();
    await store.replacePosts([...extractions(POSTS - 5, 10), deletionOf('none')]);
    await askAll(reader);
    expect(asked.size).toBeGreaterThan(40);
    expect(await scansOf(server, asked)).toEqual([]);
  });
});

async function scansOf(
  { url, username, password }: NonNullable<typeof server>,
  asked: ReadonlyMap<string, Parameters>,
): Promise<readonly string[]> {
  const driver = neo4j.driver(url, neo4j.auth.basic(username, password));
  try {
    const found: string[] = [];
    for (const [cypher, parameters] of asked) {
      const { summary } = await driver.executeQuery(`EXPLAIN ${cypher}`, parameters, { database: 'neo4j' });
      const operators = summary.plan ? operatorsOf(summary.plan) : [];
      const scans = operators.filter((name) => /^(AllNodesScan|NodeByLabelScan|.*RelationshipTypeScan)/.test(name));
      if (scans.length > 0) found.push(`${scans.join(', ')}: ${cypher}`);
    }
    return found;
  } finally {
    await driver.close();
  }
}

function operatorsOf(plan: { operatorType: string; children: readonly unknown[] }): readonly string[] {
  return [plan.operatorType, ...plan.children.flatMap((child) => operatorsOf(child as typeof plan))];
}
