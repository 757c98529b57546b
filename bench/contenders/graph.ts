// A graph as it ships, filled from empty with posts; or a bare loop of the very statements that this takes, in the same
// transactions, against the same kind of database: what is left then is the database's own time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import neo4j, { type Driver } from 'neo4j-driver';
import type { Extraction } from '../../src/domain/extraction.ts';
import type * as ClientModule from '../../src/graph/neo4j/client.ts';
import type * as Neo4jModule from '../../src/graph/neo4j/neo4j-graph.ts';
import type * as Neo4jStoreModule from '../../src/graph/neo4j/neo4j-graph-store.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type * as PrepareModule from '../../src/graph/prepare-post.ts';
import type * as ConnectionModule from '../../src/graph/sqlite/connection.ts';
import type * as ReplaceModule from '../../src/graph/sqlite/replace-posts.ts';
import type * as SchemaModule from '../../src/graph/sqlite/schema.ts';
import type * as SqliteModule from '../../src/graph/sqlite/sqlite-graph.ts';
import { built } from '../harness/built.ts';
import { extractions } from '../harness/extractions.ts';
import { processTime } from '../harness/machine.ts';
import type { GraphSlice } from '../harness/slices.ts';
import { fillGraph } from './fill-graph.ts';
import { serve } from './serve.ts';

/** Which graph is filled, and with what. */
export interface GraphFilling {
  readonly posts: number;
  /** Posts of one transaction. */
  readonly batch: number;
  /** A Neo4j that may be emptied; SQLite without one. */
  readonly server?: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly pid: number;
  };
}

type Server = NonNullable<GraphFilling['server']>;
type SqlStatement = readonly [kind: 'all' | 'run', sql: string, values: readonly unknown[]];
type CypherStatement = readonly [cypher: string, parameters: object];

/** Statements of each transaction, recorded once. */
let sqlStatements: SqlStatement[][] | undefined;
let cypherStatements: CypherStatement[][] | undefined;

async function ours(filling: GraphFilling): Promise<GraphSlice> {
  return filling.server
    ? fill(await openNeo4j(filling.server), filling)
    : inFolder(async (path) => fill(await openSqlite(path), filling));
}

async function bare(filling: GraphFilling): Promise<GraphSlice> {
  return filling.server ? bareNeo4j(filling.server, filling) : inFolder((path) => bareSqlite(path, filling));
}

async function fill({ store, reader }: OpenGraph, filling: GraphFilling): Promise<GraphSlice> {
  const posts = batchesOf(filling).flat();
  const slice = await timed(filling, () => fillGraph(store, posts, filling.batch));
  await reader[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  return slice;
}

async function openSqlite(path: string): Promise<OpenGraph> {
  const { sqliteGraph } = await built<typeof SqliteModule>('graph/sqlite/sqlite-graph.ts');
  return sqliteGraph({ path });
}

async function bareSqlite(path: string, filling: GraphFilling): Promise<GraphSlice> {
  sqlStatements ??= await inFolder((other) => recordSqlite(other, batchesOf(filling)));
  await (await openSqlite(path)).store[Symbol.asyncDispose]();
  const db = new Database(path);
  db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON');
  const prepared = new Map<string, Database.Statement<unknown[]>>();
  const transactions = sqlStatements;
  const slice = await timed(filling, async () => {
    for (const transaction of transactions) {
      db.exec('BEGIN IMMEDIATE');
      for (const [kind, sql, values] of transaction) {
        let statement = prepared.get(sql);
        if (!statement) prepared.set(sql, (statement = db.prepare(sql)));
        statement[kind](...values);
      }
      db.exec('COMMIT');
    }
  });
  prepared.clear();
  db.close();
  return slice;
}

async function recordSqlite(path: string, batches: readonly (readonly Extraction[])[]): Promise<SqlStatement[][]> {
  const [{ Connection }, { prepareSchema }, { replacePosts }, { preparePost }] = await Promise.all([
    built<typeof ConnectionModule>('graph/sqlite/connection.ts'),
    built<typeof SchemaModule>('graph/sqlite/schema.ts'),
    built<typeof ReplaceModule>('graph/sqlite/replace-posts.ts'),
    built<typeof PrepareModule>('graph/prepare-post.ts'),
  ]);
  let taken: SqlStatement[] = [];
  class Recording extends Connection {
    override all<T>(sql: string, ...values: readonly (string | number | null)[]): T[] {
      taken.push(['all', sql, values]);
      return super.all<T>(sql, ...values);
    }
    override run(sql: string, ...values: readonly (string | number | null)[]): number {
      taken.push(['run', sql, values]);
      return super.run(sql, ...values);
    }
    override runFor<T extends { readonly [K in keyof T]: string | number | null }>(sql: string, row: T): number {
      taken.push(['run', sql, [row]]);
      return super.runFor(sql, row);
    }
  }
  using connection = new Recording({ path, busyTimeoutMs: 5_000 });
  prepareSchema(connection, path);
  return batches.map((batch) => {
    taken = [];
    replacePosts(connection, batch.map(preparePost), Date.now());
    return taken;
  });
}

async function openNeo4j(server: Server): Promise<OpenGraph> {
  await emptied(server);
  const { neo4jGraph } = await built<typeof Neo4jModule>('graph/neo4j/neo4j-graph.ts');
  return neo4jGraph(server);
}

async function bareNeo4j(server: Server, filling: GraphFilling): Promise<GraphSlice> {
  cypherStatements ??= await recordNeo4j(server, batchesOf(filling));
  await (await openNeo4j(server)).store[Symbol.asyncDispose]();
  const driver = driverOf(server);
  const transactions = cypherStatements;
  const slice = await timed(filling, async () => {
    for (const transaction of transactions) {
      const session = driver.session({ database: 'neo4j' });
      await session.executeWrite((running) =>
        Promise.all(transaction.map(([cypher, parameters]) => running.run(cypher, parameters))),
      );
      await session.close();
    }
  });
  await driver.close();
  return slice;
}

async function recordNeo4j(server: Server, batches: readonly (readonly Extraction[])[]): Promise<CypherStatement[][]> {
  const { store: made } = await openNeo4j(server);
  await made[Symbol.asyncDispose]();
  const [{ Neo4jClient }, { Neo4jGraphStore }] = await Promise.all([
    built<typeof ClientModule>('graph/neo4j/client.ts'),
    built<typeof Neo4jStoreModule>('graph/neo4j/neo4j-graph-store.ts'),
  ]);
  const recorded: CypherStatement[][] = [];
  class Recording extends Neo4jClient {
    override write<T>(work: (run: ClientModule.Run) => Promise<T>): Promise<T> {
      return super.write((run) => {
        const taken: CypherStatement[] = [];
        recorded.push(taken);
        return work((cypher, parameters = {}) => {
          taken.push([cypher, parameters]);
          return run(cypher, parameters);
        });
      });
    }
  }
  const client = new Recording({ ...server, database: 'neo4j', transactionRetryMs: 15_000 });
  await using store = new Neo4jGraphStore({ client, clock: Date.now, eventRetentionMs: 1e9 });
  for (const batch of batches) await store.replacePosts(batch);
  return recorded;
}

/** Removes all nodes, a part at a time. */
async function emptied(server: Server): Promise<void> {
  const driver: Driver = driverOf(server);
  const session = driver.session({ database: 'neo4j' });
  await session.run('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS');
  await session.close();
  await driver.close();
}

function driverOf({ url, username, password }: Server): Driver {
  return neo4j.driver(url, neo4j.auth.basic(username, password), { disableLosslessIntegers: true });
}

async function inFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  try {
    return await work(join(folder, 'graph.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function batchesOf({ posts, batch }: GraphFilling): readonly (readonly Extraction[])[] {
  const all = [...extractions(0, posts)];
  const batches: Extraction[][] = [];
  for (let at = 0; at < all.length; at += batch) batches.push(all.slice(at, at + batch));
  return batches;
}

async function timed({ posts, server }: GraphFilling, work: () => Promise<void>): Promise<GraphSlice> {
  const cpuSeconds = () => processTime(process.pid) + (server ? processTime(server.pid) : 0);
  const [from, cpuFrom] = [performance.now(), cpuSeconds()];
  await work();
  return { posts, seconds: (performance.now() - from) / 1000, cpuSeconds: cpuSeconds() - cpuFrom };
}

serve({ ours, bare });
