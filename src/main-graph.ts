// The part of the composition root that opens the graph.
import { randomUUID } from 'node:crypto';
import type { Config } from './config.ts';
import type { GraphStore, PublishEvents } from './graph/graph-store.ts';
import { parseGraphUrl } from './graph/graph-url.ts';
import type { MigrationReport } from './graph/migration-report.ts';
import type { OpenGraph } from './graph/open-graph.ts';
import { EventRelay } from './graph/outbox/event-relay.ts';
import { type Telemetry } from './telemetry/telemetry.ts';

/** Most events moved out of the outbox in one pass. */
const RELAY_LIMIT = 500;

/**
 * Opens the graph the settings name, loading only that database's driver. A SQLite file that `mustExist` is not made; what is
 * written `quiet`ly fires no alert.
 */
export async function openGraph(
  config: Config,
  options: { mustExist?: boolean; quiet?: boolean } = {},
): Promise<OpenGraph & AsyncDisposable> {
  const target = parseGraphUrl(config.GRAPH_URL);
  const graph =
    target.kind === 'sqlite' ? await openSqlite(target.path, options) : await openNeo4j(target.url, config, options);
  return {
    ...graph,
    async [Symbol.asyncDispose]() {
      await graph.store[Symbol.asyncDispose]();
      await graph.reader[Symbol.asyncDispose]();
    },
  };
}

async function openSqlite(path: string, options: { mustExist?: boolean; quiet?: boolean }): Promise<OpenGraph> {
  const { sqliteGraph } = await import('./graph/sqlite/sqlite-graph.ts');
  return sqliteGraph({ path, ...options });
}

async function openNeo4j(url: string, config: Config, { quiet = false }): Promise<OpenGraph> {
  const { neo4jGraph } = await import('./graph/neo4j/neo4j-graph.ts');
  return neo4jGraph({ ...neo4jOptions(url, config), quiet });
}

function neo4jOptions(url: string, config: Config) {
  return {
    url,
    username: config.NEO4J_USERNAME,
    password: config.NEO4J_PASSWORD,
    database: config.NEO4J_DATABASE,
    transactionRetryMs: config.NEO4J_RETRY_MS,
  };
}

/** Brings the schema of the graph the settings name up to date. */
export async function migrateGraph(config: Config): Promise<MigrationReport> {
  const target = parseGraphUrl(config.GRAPH_URL);
  if (target.kind === 'sqlite') {
    const { migrateSqliteGraph } = await import('./graph/sqlite/sqlite-graph.ts');
    return migrateSqliteGraph({ path: target.path });
  }
  const { migrateNeo4jGraph } = await import('./graph/neo4j/neo4j-graph.ts');
  return migrateNeo4jGraph(neo4jOptions(target.url, config));
}

/** Gives events their positions, and publishes them if it can, while it is open; disposing it does so once more. */
export function openRelay(
  store: GraphStore,
  config: Config,
  telemetry: Telemetry,
  publish?: PublishEvents,
): EventRelay {
  return new EventRelay({
    store,
    holder: randomUUID(),
    intervalMs: config.RELAY_INTERVAL_MS,
    leaseMs: config.RELAY_LEASE_MS,
    limit: RELAY_LIMIT,
    ...(publish && { publish }),
    telemetry,
  });
}
