import type { UpsertOutcome } from '../graph-store.ts';
import { decideAccount, POSTS_PER_ACCOUNT_RUN } from '../plan/accounts.ts';
import { decodeMarks, encodeMarks, type Mark, NO_MARKS, withMark } from '../plan/marks.ts';
import { acceptMove, decidedRun } from '../plan/runs.ts';
import type { MarksById } from '../plan/standings.ts';
import type { Step } from '../plan/steps.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { applyRun } from './apply-run.ts';
import { forRows, type Run } from './client.ts';
import { readContents } from './read-contents.ts';
import { lockPosts, readPostsOfAuthor } from './write-state.ts';

/** What has been said about posts and authors, by graph id. */
export async function readMarks(run: Run, ids: readonly string[]): Promise<MarksById> {
  if (ids.length === 0) return new Map();
  const cypher = 'UNWIND $ids AS id MATCH (m:Marks {id: id}) RETURN m.id AS id, m.marks AS marks';
  const rows = await run<{ id: string; marks: string }>(cypher, { ids });
  return new Map(rows.map(({ id, marks }) => [id, decodeMarks(marks)]));
}

/** Stores what is said about subjects now, in the order of their ids. */
export async function writeMarks(run: Run, marks: MarksById): Promise<void> {
  const rows = [...marks].map(([id, said]) => ({ id, marks: encodeMarks(said) }));
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  await forRows(run, 'UNWIND $rows AS row MERGE (m:Marks {id: row.id}) SET m.marks = row.marks', rows);
}

/** Marks accounts and moves their posts, a part at a time, inside a transaction. */
export async function markAccounts(run: Run, steps: readonly Step[], nowMs: number): Promise<readonly UpsertOutcome[]> {
  const marks = steps.flatMap((step) => (step.kind === 'account' ? [step.mark] : []));
  const authors = await lockAuthorsOf(run, { ids: [], authors: marks.map((mark) => mark.subjectId) });
  const outcomes: UpsertOutcome[] = [];
  for (const mark of marks) outcomes.push(await markAccount(run, mark, nowMs));
  await nameAuthors(run, authors);
  return outcomes;
}

async function markAccount(run: Run, mark: Mark, nowMs: number): Promise<UpsertOutcome> {
  const author = mark.subjectId;
  const old = (await readMarks(run, [author])).get(author) ?? NO_MARKS;
  const changed = withMark(old, mark);
  if (changed === old) return 'unchanged';
  await writeMarks(run, new Map([[author, changed]]));
  const ids = await readPostsOfAuthor(run, author);
  const [states, ownMarks] = [await lockPosts(run, ids), await readMarks(run, ids)];
  const ofAuthor = [...states.values()].filter((state) => state.authorId === author);
  const { outcome, moves } = decideAccount(ofAuthor, mark, new Map([...ownMarks, [author, changed]]));
  for (let at = 0; at < moves.length; at += POSTS_PER_ACCOUNT_RUN) {
    const part = moves.slice(at, at + POSTS_PER_ACCOUNT_RUN);
    const contents = await readContents(
      run,
      part.map((move) => move.stored.id),
    );
    await applyRun(
      run,
      decidedRun(
        [],
        part.map((move) => acceptMove(move, contents)),
      ),
      nowMs,
    );
  }
  return outcome;
}
