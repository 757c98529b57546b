import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import neo4j from 'neo4j-driver';
import { neo4jGraph } from '../../src/graph/neo4j/neo4j-graph.ts';
import { databaseOf, type GraphAdapter, sqliteAdapter } from './graph-adapters.ts';

/** How to reach a Neo4j that tests may empty. */
export interface Neo4jServer {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** The kinds of graph that can be tested here: SQLite always, Neo4j where a server is named. */
export function graphAdapters(server = serverFromEnvironment()): readonly GraphAdapter[] {
  return server ? [sqliteAdapter, neo4jAdapter(server)] : [sqliteAdapter];
}

/** Neo4j on a running server, emptied for every database; test files that run at once take turns. */
export function neo4jAdapter(server: Neo4jServer): GraphAdapter {
  return {
    name: 'neo4j',
    async database(clock) {
      const release = await takeTurn(server);
      await empty(server);
      return databaseOf({
        open: () => neo4jGraph({ ...server, clock: () => clock.nowMs }),
        clear: () => empty(server),
        remove: () => empty(server).finally(release),
      });
    },
  };
}

/**
 * Waits until no other test process uses the server's one database and keeps it until released. The lock is a file with
 * the process id: one left behind by a process that has died does not count.
 */
export async function takeTurn(server: Neo4jServer): Promise<() => Promise<void>> {
  const path = join(tmpdir(), `grapevine-test-${new URL(server.url).port}.lock`);
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch {
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (holder > 0 && !isRunning(holder)) await rm(path, { force: true });
      else await setTimeout(50);
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs one statement on the server and gives its rows. */
export async function askNeo4j<T>(server: Neo4jServer, cypher: string): Promise<readonly T[]> {
  const driver = neo4j.driver(server.url, neo4j.auth.basic(server.username, server.password), {
    disableLosslessIntegers: true,
  });
  try {
    const result = await driver.executeQuery(cypher, {}, { database: 'neo4j' });
    return result.records.map((record) => record.toObject() as T);
  } finally {
    await driver.close();
  }
}

/** The server named by the environment, undefined when none is. */
export function serverFromEnvironment(): Neo4jServer | undefined {
  const { GRAPH_URL: url, NEO4J_USERNAME: username, NEO4J_PASSWORD: password } = process.env;
  return url && username && password && !url.startsWith('sqlite:') ? { url, username, password } : undefined;
}

async function empty(server: Neo4jServer): Promise<void> {
  await askNeo4j(server, 'MATCH (n) DETACH DELETE n');
}
