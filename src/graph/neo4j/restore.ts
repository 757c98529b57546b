import type { GraphRecord } from '../export/graph-record.ts';
import { restoredRows } from '../export/restored.ts';
import type { PlacedPost } from '../plan/rows.ts';
import { decidedRun } from '../plan/runs.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { factPlaces, keepPast } from './apply-facts.ts';
import { writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import { forRows, integer, type Run } from './client.ts';
import { restoreDecisions } from './decide.ts';
import { lockPosts } from './write-state.ts';

/** Puts lines of an export back inside a transaction; see `GraphStore.restore`. */
export async function restore(run: Run, records: readonly GraphRecord[], nowMs: number): Promise<void> {
  const { posts, marks, created, past, decisions, lastPosition } = restoredRows(records);
  await restoreDecisions(run, decisions);
  if (posts.length > 0) await restorePosts(run, posts, nowMs);
  await writeMarks(run, marks);
  await setCreated(run, created);
  await keepPast(run, past);
  if (lastPosition !== undefined) {
    await run("MERGE (s:Sequence {name: 'positions'}) SET s.value = $value", { value: integer(lastPosition) });
  }
}

async function setCreated(run: Run, created: readonly { id: string; createdMs: number }[]): Promise<void> {
  if (created.length === 0) return;
  const facts = await run<{ id: string; headId: string; tailId: string; expiredMs: number | null }>(
    `UNWIND $ids AS id MATCH (f:Fact {id: id})
     RETURN f.id AS id, f.headId AS headId, f.tailId AS tailId, f.expiredMs AS expiredMs`,
    { ids: created.map(({ id }) => id) },
  );
  const times = new Map(created.map(({ id, createdMs }) => [id, createdMs]));
  const rows = facts.map((fact) => {
    const createdMs = times.get(fact.id) ?? 0;
    return { id: fact.id, createdMs: integer(createdMs), ...factPlaces({ ...fact, createdMs }) };
  });
  await forRows(run, 'UNWIND $rows AS row MATCH (f:Fact {id: row.id}) SET f += row', rows);
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
