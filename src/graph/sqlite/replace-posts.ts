import type { UpsertOutcome } from '../graph-store.ts';
import { authorsOf, decideRun, markedPosts, splitRuns } from '../plan/runs.ts';
import type { Step } from '../plan/steps.ts';
import { markAccounts, readMarks, writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import type { Connection } from './connection.ts';
import { readContents } from './read-contents.ts';
import { readPostStates } from './write-state.ts';

/** Applies prepared extractions in one transaction; see `GraphStore.replacePosts`. */
export function replacePosts(
  connection: Connection,
  prepared: readonly Step[],
  nowMs: number,
): readonly UpsertOutcome[] {
  const runs = splitRuns(prepared);
  return connection.transaction(() =>
    runs.flatMap(({ isAboutAccounts, steps }) =>
      isAboutAccounts ? markAccounts(connection, steps, nowMs) : replaceRun(connection, steps, nowMs),
    ),
  );
}

function replaceRun(connection: Connection, steps: readonly Step[], nowMs: number): readonly UpsertOutcome[] {
  const ids = steps.flatMap((step) => step.id ?? []);
  const states = readPostStates(connection, ids);
  const marks = readMarks(connection, [...ids, ...authorsOf(steps, states)]);
  const contents = readContents(connection, markedPosts(steps, states));
  const run = decideRun(steps, { states, marks, contents });
  writeMarks(connection, run.marks);
  applyRun(connection, run, nowMs);
  return run.outcomes;
}
