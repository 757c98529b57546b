import type { GraphRecord } from '../export/graph-record.ts';
import { restoredRows } from '../export/restored.ts';
import type { PlacedPost } from '../plan/rows.ts';
import { decidedRun } from '../plan/runs.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { keepPast } from './apply-facts.ts';
import { writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import { forRows, integer, type Run } from './client.ts';
import { lockPosts } from './write-state.ts';

/** Puts lines of an export back inside a transaction; see `GraphStore.restore`. */
export async function restore(run: Run, records: readonly GraphRecord[], nowMs: number): Promise<void> {
  const { posts, marks, created, past, lastPosition } = restoredRows(records);
  if (posts.length > 0) await restorePosts(run, posts, nowMs);
  await writeMarks(run, marks);
  const times = created.map(({ id, createdMs }) => ({ id, createdMs: integer(createdMs) }));
  await forRows(run, 'UNWIND $rows AS row MATCH (f:Fact {id: row.id}) SET f.createdMs = row.createdMs', times);
  await keepPast(run, past);
  if (lastPosition !== undefined) {
    await run("MERGE (s:Sequence {name: 'positions'}) SET s.value = $value", { value: integer(lastPosition) });
  }
}

/** Drops the events that wait for a position. */
export async function forgetEvents(run: Run): Promise<void> {
  await run('MATCH (o:Waiting) DELETE o');
}

async function restorePosts(run: Run, posts: readonly PlacedPost[], nowMs: number): Promise<void> {
  const ids = posts.map((post) => post.row.id);
  const wanted = posts.flatMap(({ row, standing }) => (standing === 'live' ? (row.authorId ?? []) : []));
  const authors = await lockAuthorsOf(run, { ids, authors: wanted });
  await lockPosts(run, ids);
  const accepted = posts.map((incoming) => ({ incoming, stored: undefined }));
  await applyRun(run, decidedRun([], accepted), nowMs);
  await nameAuthors(run, authors);
  await forgetEvents(run);
}
