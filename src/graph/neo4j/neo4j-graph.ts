import type { OpenGraph } from '../open-graph.ts';
import { Neo4jClient, type Neo4jConnection } from './client.ts';
import { Neo4jGraphReader } from './neo4j-graph-reader.ts';
import { Neo4jGraphStore } from './neo4j-graph-store.ts';
import { prepareSchema } from './schema.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** How a Neo4j graph is opened. */
export interface Neo4jGraphOptions {
  /** `neo4j://HOST:PORT` or `bolt://HOST:PORT`, both also with +s or +ssc. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** @default 'neo4j' */
  readonly database?: string;
  /** How long a transaction that failed in passing is repeated. @default 15000 */
  readonly transactionRetryMs?: number;
  /** How long published events are kept for `eventsAfter`. @default 7 days */
  readonly eventRetentionMs?: number;
  /** System time in epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/**
 * Opens a Neo4j graph and makes its constraints and indexes. Writing and reading have a pool of connections each.
 *
 * @throws {GRAPH_UNREACHABLE} when nothing answers there or the password is wrong.
 * @throws {GRAPH_NEWER} when a later Grapevine has written the database.
 */
export async function neo4jGraph(options: Neo4jGraphOptions): Promise<OpenGraph> {
  const { url, username, password, database = 'neo4j', transactionRetryMs = 15_000 } = options;
  const { eventRetentionMs = WEEK_MS, clock = Date.now } = options;
  const connection: Neo4jConnection = { url, username, password, database, transactionRetryMs };
  const writing = new Neo4jClient(connection);
  const reading = new Neo4jClient(connection);
  try {
    await writing.connect();
    await prepareSchema(writing);
    await reading.connect();
  } catch (error) {
    await Promise.all([writing[Symbol.asyncDispose](), reading[Symbol.asyncDispose]()]);
    throw error;
  }
  const store = new Neo4jGraphStore({ client: writing, clock, eventRetentionMs });
  return { store, reader: new Neo4jGraphReader(reading) };
}
