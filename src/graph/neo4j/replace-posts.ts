import type { UpsertOutcome } from '../graph-store.ts';
import { authorsOf, decideRun, markedPosts } from '../plan/runs.ts';
import type { Step } from '../plan/steps.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { readMarks, writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import type { Run } from './client.ts';
import { readContents } from './read-contents.ts';
import { dropLocks, lockPosts } from './write-state.ts';

/**
 * Applies a run of steps that are not about accounts, inside a transaction.
 *
 * Every transaction locks authors, posts, facts, surface forms and entities in this order and each kind by id, so that
 * two writers wait for each other instead of deadlocking. Marks are guarded by the lock of their post or author.
 */
export async function replaceRun(run: Run, steps: readonly Step[], nowMs: number): Promise<readonly UpsertOutcome[]> {
  const ids = steps.flatMap((step) => step.id ?? []);
  const authors = await lockAuthorsOf(run, { ids, authors: authorsOf(steps, new Map()) });
  const states = await lockPosts(run, ids);
  const [marks, contents] = await Promise.all([
    readMarks(run, [...ids, ...authorsOf(steps, states)]),
    readContents(run, markedPosts(steps, states)),
  ]);
  const decided = decideRun(steps, { states, marks, contents });
  await writeMarks(run, decided.marks);
  await applyRun(run, decided, nowMs);
  await nameAuthors(run, authors);
  await dropLocks(
    run,
    ids.filter((id) => !states.has(id)),
  );
  return decided.outcomes;
}
