import type { GraphRecord } from '../export/graph-record.ts';
import { restoredRows } from '../export/restored.ts';
import { decidedRun } from '../plan/runs.ts';
import { writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import { keepPast } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { restoreDecisions } from './decide.ts';

/** Puts lines of an export back in one transaction; see `GraphStore.restore`. */
export function restore(connection: Connection, records: readonly GraphRecord[], nowMs: number): void {
  const { posts, marks, created, past, decisions, lastPosition } = restoredRows(records);
  const accepted = posts.map((incoming) => ({ incoming, stored: undefined }));
  connection.transaction(() => {
    restoreDecisions(connection, decisions);
    applyRun(connection, decidedRun([], accepted), nowMs);
    forgetEvents(connection);
    writeMarks(connection, marks);
    for (const { id, createdMs } of created) {
      connection.run('UPDATE fact SET created_ms = ? WHERE id = ?', createdMs, id);
    }
    for (const fact of past) keepPast(connection, fact);
    if (lastPosition !== undefined) {
      connection.run("UPDATE meta SET value = ? WHERE name = 'last_position'", String(lastPosition));
    }
  });
}

/** Drops the events that wait for a position. */
export function forgetEvents(connection: Connection): void {
  connection.run('DELETE FROM outbox WHERE position IS NULL');
}
