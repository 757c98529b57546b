import { maskUrl } from '../graph-url.ts';
import type { MigrationReport } from '../migration-report.ts';
import type { OpenGraph } from '../open-graph.ts';
import { Neo4jClient, type Neo4jConnection } from './client.ts';
import { Neo4jAlertStore } from './neo4j-alert-store.ts';
import { Neo4jGraphReader } from './neo4j-graph-reader.ts';
import { Neo4jGraphStore } from './neo4j-graph-store.ts';
import { migrate, prepareSchema } from './schema.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** How a Neo4j graph is opened. */
export interface Neo4jGraphOptions {
  /** `neo4j://HOST:PORT` or `bolt://HOST:PORT`, both also with +s or +ssc. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** @default 'neo4j' */
  readonly database?: string;
  /** Events are written as history, at which no alert rule fires. @default false */
  readonly quiet?: boolean;
  /** How long a transaction that failed in passing is repeated. @default 15000 */
  readonly transactionRetryMs?: number;
  /** How long published events are kept for `eventsAfter`. @default 7 days */
  readonly eventRetentionMs?: number;
  /** System time in epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/**
 * Opens a Neo4j graph, making constraints and indexes where the database is new. Writing and reading have a pool of connections each.
 *
 * @throws {GRAPH_UNREACHABLE} when nothing answers there or the password is wrong.
 * @throws {GRAPH_NEWER} when a later Grapevine has written the database, {GRAPH_OLDER} when it has to be migrated first.
 */
export async function neo4jGraph(options: Neo4jGraphOptions): Promise<OpenGraph> {
  const { eventRetentionMs = WEEK_MS, clock = Date.now } = options;
  const connection = connectionOf(options);
  const writing = new Neo4jClient(connection);
  const reading = new Neo4jClient(connection);
  try {
    await writing.connect();
    await prepareSchema(writing, maskUrl(options.url));
    await reading.connect();
  } catch (error) {
    await Promise.all([writing[Symbol.asyncDispose](), reading[Symbol.asyncDispose]()]);
    throw error;
  }
  const store = new Neo4jGraphStore({ client: writing, clock, eventRetentionMs });
  return { store, reader: new Neo4jGraphReader(reading), alerts: new Neo4jAlertStore(writing) };
}

/**
 * Brings the schema of a Neo4j graph up to date.
 *
 * @throws {GRAPH_UNREACHABLE} when nothing answers there or the password is wrong.
 * @throws {GRAPH_NEWER} when a later Grapevine has written the database.
 */
export async function migrateNeo4jGraph(options: Neo4jGraphOptions): Promise<MigrationReport> {
  await using client = new Neo4jClient(connectionOf(options));
  await client.connect();
  return await migrate(client, maskUrl(options.url));
}

function connectionOf(options: Neo4jGraphOptions): Neo4jConnection {
  const { url, username, password, database = 'neo4j', transactionRetryMs = 15_000, quiet = false } = options;
  return { url, username, password, database, transactionRetryMs, quiet };
}
