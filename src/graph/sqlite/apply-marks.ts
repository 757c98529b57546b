import type { UpsertOutcome } from '../graph-store.ts';
import { decideAccount, POSTS_PER_ACCOUNT_RUN } from '../plan/accounts.ts';
import { decodeMarks, encodeMarks, type Mark, NO_MARKS, withMark } from '../plan/marks.ts';
import { acceptMove, decidedRun } from '../plan/runs.ts';
import type { MarksById } from '../plan/standings.ts';
import type { Step } from '../plan/steps.ts';
import { applyRun } from './apply-run.ts';
import type { Connection } from './connection.ts';
import { readContents } from './read-contents.ts';
import { isAmong } from './where.ts';
import { readStatesOfAuthor } from './write-state.ts';

/** What has been said about posts and authors, by graph id. */
export function readMarks(connection: Connection, ids: readonly string[]): MarksById {
  if (ids.length === 0) return new Map();
  const sql = `SELECT subject_id AS id, marks FROM marks WHERE ${isAmong('subject_id')}`;
  const rows = connection.all<{ id: string; marks: string }>(sql, JSON.stringify(ids));
  return new Map(rows.map(({ id, marks }) => [id, decodeMarks(marks)]));
}

/** Stores what is said about subjects now. */
export function writeMarks(connection: Connection, marks: MarksById): void {
  for (const [id, said] of marks) {
    const sql = 'INSERT INTO marks VALUES (?, ?) ON CONFLICT (subject_id) DO UPDATE SET marks = excluded.marks';
    connection.run(sql, id, encodeMarks(said));
  }
}

/** Marks accounts and moves their posts, a part at a time, within the caller's transaction. */
export function markAccounts(connection: Connection, steps: readonly Step[], nowMs: number): readonly UpsertOutcome[] {
  return steps.flatMap((step) => (step.kind === 'account' ? [markAccount(connection, step.mark, nowMs)] : []));
}

function markAccount(connection: Connection, mark: Mark, nowMs: number): UpsertOutcome {
  const author = mark.subjectId;
  const old = readMarks(connection, [author]).get(author) ?? NO_MARKS;
  const changed = withMark(old, mark);
  if (changed === old) return 'unchanged';
  writeMarks(connection, new Map([[author, changed]]));
  const states = readStatesOfAuthor(connection, author);
  const ownMarks = readMarks(
    connection,
    states.map((state) => state.id),
  );
  const { outcome, moves } = decideAccount(states, mark, new Map([...ownMarks, [author, changed]]));
  for (let at = 0; at < moves.length; at += POSTS_PER_ACCOUNT_RUN) {
    const part = moves.slice(at, at + POSTS_PER_ACCOUNT_RUN);
    const contents = readContents(
      connection,
      part.map((move) => move.stored.id),
    );
    applyRun(
      connection,
      decidedRun(
        [],
        part.map((move) => acceptMove(move, contents)),
      ),
      nowMs,
    );
  }
  return outcome;
}
