import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { GrapevineError } from '../../errors.ts';
import { WorkerClient } from '../../threads/worker-client.ts';
import type { MigrationReport } from '../migration-report.ts';
import type { OpenGraph } from '../open-graph.ts';
import type { ConnectionOptions } from './connection.ts';
import { SqliteAlertStore } from './sqlite-alert-store.ts';
import { SqliteGraphReader } from './sqlite-graph-reader.ts';
import { SqliteGraphStore } from './sqlite-graph-store.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** How a SQLite graph is opened. */
export interface SqliteGraphOptions {
  /** The database file; made when it is not there, but not its folder. */
  readonly path: string;
  /** Refuses to make the file. @default false */
  readonly mustExist?: boolean;
  /** Events are written as history, at which no alert rule fires. @default false */
  readonly quiet?: boolean;
  /** How long a transaction waits for another process's. @default 5000 */
  readonly busyTimeoutMs?: number;
  /** How long published events are kept for `eventsAfter`. @default 7 days */
  readonly eventRetentionMs?: number;
  /** System time in epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/**
 * Opens a SQLite graph, making its tables where the file is new. Writing and reading have a thread each.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written the file, {GRAPH_OLDER} when it has to be migrated first.
 * @throws {GRAPH_UNREACHABLE} when the file cannot be opened, is no graph, or is not there and must be.
 */
export async function sqliteGraph(options: SqliteGraphOptions): Promise<OpenGraph> {
  const { path, busyTimeoutMs = 5000, quiet = false, eventRetentionMs = WEEK_MS, clock = Date.now } = options;
  checkPath(path, options.mustExist ?? false);
  const data: ConnectionOptions = { path, busyTimeoutMs, quiet };
  const writer = startWriter(data);
  try {
    await writer.call('open');
  } catch (error) {
    await writer[Symbol.asyncDispose]();
    throw error;
  }
  const reader = new WorkerClient({
    module: new URL('./reader-worker.ts', import.meta.url),
    label: 'the graph reader',
    data,
  });
  return {
    store: new SqliteGraphStore({ worker: writer, clock, eventRetentionMs }),
    reader: new SqliteGraphReader(reader),
    alerts: new SqliteAlertStore(writer, reader),
  };
}

/**
 * Brings the schema of a SQLite graph up to date.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written the file.
 * @throws {GRAPH_UNREACHABLE} when the file cannot be opened, is no graph, or is not there.
 */
export async function migrateSqliteGraph(
  options: Pick<SqliteGraphOptions, 'path' | 'busyTimeoutMs'>,
): Promise<MigrationReport> {
  checkPath(options.path, true);
  await using writer = startWriter({ path: options.path, busyTimeoutMs: options.busyTimeoutMs ?? 5000 });
  return await writer.call<MigrationReport>('migrate');
}

function startWriter(data: ConnectionOptions): WorkerClient {
  return new WorkerClient({
    module: new URL('./writer-worker.ts', import.meta.url),
    label: 'the graph writer',
    data,
  });
}

function checkPath(path: string, mustExist: boolean): void {
  if (existsSync(path)) return;
  const folder = dirname(path);
  if (mustExist) {
    throw new GrapevineError('GRAPH_UNREACHABLE', `opening the graph: there is no graph at ${path}`);
  }
  if (!existsSync(folder)) {
    const text = `opening the graph at ${path}: the folder ${folder} does not exist; make it or give another path`;
    throw new GrapevineError('GRAPH_UNREACHABLE', text);
  }
}
