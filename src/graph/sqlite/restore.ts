import type { GraphRecord } from '../export/graph-record.ts';
import { splitRuns } from '../plan/runs.ts';
import { keepPast } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { replaceRun } from './replace-posts.ts';

/** Puts lines of an export back in one transaction; see `GraphStore.restore`. */
export function restore(connection: Connection, records: readonly GraphRecord[], nowMs: number): void {
  const posts = records.flatMap((record) => (record.line === 'post' ? [record.post] : []));
  connection.transaction(() => {
    for (const run of splitRuns(posts)) replaceRun(connection, run, nowMs);
    forgetEvents(connection);
    for (const record of records) restoreTimes(connection, record);
  });
}

/** Drops the events that wait for a position. */
export function forgetEvents(connection: Connection): void {
  connection.run('DELETE FROM outbox WHERE position IS NULL');
}

function restoreTimes(connection: Connection, record: GraphRecord): void {
  if (record.line === 'fact') {
    connection.run('UPDATE fact SET created_ms = ? WHERE id = ?', record.createdMs, record.id);
  }
  if (record.line === 'past') keepPast(connection, record.fact);
  if (record.line === 'graph') {
    connection.run("UPDATE meta SET value = ? WHERE name = 'last_position'", String(record.lastPosition));
  }
}
