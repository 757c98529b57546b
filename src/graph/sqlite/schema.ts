import { GrapevineError } from '../../errors.ts';
import { type MigrationReport, refuseNewer, refuseOlder } from '../migration-report.ts';
import type { Connection } from './connection.ts';
import { MIGRATIONS } from './migrations/index.ts';

/**
 * Makes the tables of a new file, and leaves one of another schema as it is.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written it.
 * @throws {GRAPH_OLDER} when it has to be migrated first.
 * @throws {GRAPH_UNREACHABLE} when something else has written it.
 */
export function prepareSchema(connection: Connection, path: string): void {
  const found = versionOf(connection, path);
  if (found > 0) checkVersion(found, path);
  connection.script('PRAGMA journal_mode = WAL');
  if (found > 0) return;
  // One transaction, so that no other process sees tables that are half made.
  connection.transaction(() => {
    const version = versionOf(connection, path);
    if (version === 0) MIGRATIONS.forEach((_, done) => advance(connection, done));
    else checkVersion(version, path);
  });
}

/**
 * Brings a database to the newest schema, each step in one transaction.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written it.
 * @throws {GRAPH_UNREACHABLE} when something else has.
 */
export function migrate(connection: Connection, path: string): MigrationReport {
  const from = versionOf(connection, path);
  refuseNewer({ found: from, known: MIGRATIONS.length, place: path });
  connection.script('PRAGMA journal_mode = WAL');
  for (let done = from; done < MIGRATIONS.length; done++) {
    connection.transaction(() => {
      if (versionOf(connection, path) === done) advance(connection, done);
    });
  }
  return { from, to: MIGRATIONS.length, steps: MIGRATIONS.slice(from).map((step) => step.does) };
}

function checkVersion(found: number, path: string): void {
  refuseNewer({ found, known: MIGRATIONS.length, place: path });
  refuseOlder({ found, known: MIGRATIONS.length, place: path });
}

function advance(connection: Connection, done: number): void {
  MIGRATIONS[done]?.apply(connection);
  connection.script(`PRAGMA user_version = ${done + 1}`);
}

function versionOf(connection: Connection, path: string): number {
  // One statement, so that another process that makes the tables meanwhile is not taken for a stranger.
  const found = connection.first<{ version: number; tables: number; ours: number }>(
    `SELECT (SELECT user_version FROM pragma_user_version) AS version, count(*) AS tables,
       count(*) FILTER (WHERE name IN ('post', 'outbox', 'meta')) AS ours
     FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'`,
  );
  const { version = 0, tables = 0, ours = 0 } = found ?? {};
  if (tables > 0 && (version === 0 || ours < 3)) {
    const text = `opening the graph at ${path}: the file is a database, but no Grapevine graph; give another path`;
    throw new GrapevineError('GRAPH_UNREACHABLE', text);
  }
  return version;
}
