// A graph that grows: how fast it takes posts when it is small and when it is large, and how long reads and one more post
// take beside an entity and a fact that very many posts speak of.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Extraction } from '../../src/domain/extraction.ts';
import type * as Neo4jModule from '../../src/graph/neo4j/neo4j-graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type * as SqliteModule from '../../src/graph/sqlite/sqlite-graph.ts';
import { built } from '../harness/built.ts';
import { extractions } from '../harness/extractions.ts';
import { hotExtraction } from '../harness/hot-extractions.ts';
import type { GrowthSlice, HotSlice } from '../harness/slices.ts';
import { quantile } from '../harness/statistics.ts';
import { fillGraph } from './fill-graph.ts';
import type { GraphFilling } from './graph.ts';
import { timeReads } from './graph-reads.ts';
import { serve } from './serve.ts';

const REPEATS = 100;
const PAGE = 50;

async function grow({ posts, batch, server }: GraphFilling): Promise<GrowthSlice> {
  return withGraph(server, async ({ store, reader }) => {
    const part = Math.floor(posts / 10);
    const rates: number[] = [];
    for (let from = 0; from < posts; from += part) {
      rates.push(await fill(store, extractions(from, part), batch));
    }
    return { rates, reads: await timeReads(reader) };
  });
}

async function hot({ posts, batch, server }: GraphFilling): Promise<HotSlice> {
  return withGraph(server, async ({ store, reader }) => {
    await fill(store, hotPosts(posts), batch);
    const entityId = (await reader.entityByName('Ada Lind', 'PER'))?.id ?? '';
    const [found] = (await reader.facts({ entityId, type: '/per/org/member_of' }, { first: 1 })).items;
    const factId = found?.node.id ?? '';
    const after = async (page: Promise<{ items: readonly { cursor: string }[] }>) => ({
      first: PAGE,
      after: (await page).items.at(-1)?.cursor ?? '',
    });
    const first = { first: PAGE };
    const next = {
      mentions: await after(reader.mentionsOfEntity(entityId, first)),
      evidence: await after(reader.evidence(factId, first)),
      facts: await after(reader.facts({ entityId }, first)),
    };
    let number = posts;
    return {
      'one more post': await p99(() => store.replacePosts([hotExtraction(number++)])),
      'mentions of the entity, first page': await p99(() => reader.mentionsOfEntity(entityId, first)),
      'mentions of the entity, next page': await p99(() => reader.mentionsOfEntity(entityId, next.mentions)),
      'evidence of the fact, first page': await p99(() => reader.evidence(factId, first)),
      'evidence of the fact, next page': await p99(() => reader.evidence(factId, next.evidence)),
      'facts of the entity, first page': await p99(() => reader.facts({ entityId }, first)),
      'facts of the entity, next page': await p99(() => reader.facts({ entityId }, next.facts)),
    };
  });
}

function* hotPosts(count: number): Generator<Extraction> {
  for (let number = 0; number < count; number++) yield hotExtraction(number);
}

/** Posts a second. */
async function fill(store: OpenGraph['store'], posts: Iterable<Extraction>, size: number): Promise<number> {
  const made = [...posts];
  const from = performance.now();
  await fillGraph(store, made, size);
  return (made.length * 1000) / (performance.now() - from);
}

/** The slowest but one of a hundred, milliseconds. */
async function p99(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  while (times.length < REPEATS) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  return quantile(
    times.toSorted((a, b) => a - b),
    0.99,
  );
}

async function withGraph<T>(server: GraphFilling['server'], work: (graph: OpenGraph) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  const graph = await (server ? openNeo4j(server) : openSqlite(join(folder, 'graph.db')));
  try {
    return await work(graph);
  } finally {
    await graph.reader[Symbol.asyncDispose]();
    await graph.store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openSqlite(path: string): Promise<OpenGraph> {
  return (await built<typeof SqliteModule>('graph/sqlite/sqlite-graph.ts')).sqliteGraph({ path });
}

async function openNeo4j(server: NonNullable<GraphFilling['server']>): Promise<OpenGraph> {
  return (await built<typeof Neo4jModule>('graph/neo4j/neo4j-graph.ts')).neo4jGraph(server);
}

serve({ grow, hot });
