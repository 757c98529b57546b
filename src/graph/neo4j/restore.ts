import type { GraphRecord } from '../export/graph-record.ts';
import { splitRuns } from '../plan/runs.ts';
import { keepPast } from './apply-facts.ts';
import { forRows, integer, type Run } from './client.ts';
import { replaceRun } from './replace-posts.ts';

/** Puts lines of an export back inside a transaction; see `GraphStore.restore`. */
export async function restore(run: Run, records: readonly GraphRecord[], nowMs: number): Promise<void> {
  const posts = records.flatMap((record) => (record.line === 'post' ? [record.post] : []));
  for (const posted of splitRuns(posts)) await replaceRun(run, posted, nowMs);
  await forgetEvents(run);
  const times = records.flatMap((record) =>
    record.line === 'fact' ? [{ id: record.id, createdMs: integer(record.createdMs) }] : [],
  );
  await forRows(run, 'UNWIND $rows AS row MATCH (f:Fact {id: row.id}) SET f.createdMs = row.createdMs', times);
  await keepPast(
    run,
    records.flatMap((record) => (record.line === 'past' ? [record.fact] : [])),
  );
  const positions = records.flatMap((record) =>
    record.line === 'graph' ? [{ value: integer(record.lastPosition) }] : [],
  );
  await forRows(run, "UNWIND $rows AS row MERGE (s:Sequence {name: 'positions'}) SET s.value = row.value", positions);
}

/** Drops the events that wait for a position. */
export async function forgetEvents(run: Run): Promise<void> {
  await run('MATCH (o:Waiting) DELETE o');
}
