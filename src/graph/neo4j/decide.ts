import type { Decision } from '../../domain/decision.ts';
import type { Decided } from '../graph-store.ts';
import { subjectsOf } from '../plan/about.ts';
import { POSTS_PER_ACCOUNT_RUN } from '../plan/accounts.ts';
import { diffResolutions, Rehoming } from '../plan/rehome.ts';
import { resolutionOf } from '../plan/resolution.ts';
import { requirePossible } from '../plan/rulings.ts';
import { decidedRun } from '../plan/runs.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { applyQuietly, nameAndAddEvents } from './apply-run.ts';
import { integer, type Run } from './client.ts';
import { shutGates } from './gates.ts';
import { readContents } from './read-contents.ts';
import { writeResolution } from './resolution.ts';
import { lockPosts } from './write-state.ts';

/** Takes a decision and writes again the posts that it changes, inside a transaction; see `GraphStore.decide`. */
export async function decide(run: Run, decision: Decision): Promise<Decided> {
  await shutGates(run);
  const log = await readDecisions(run);
  const known = log.find(({ id }) => id === decision.id);
  if (known) return { decision: known, isNew: false, posts: 0 };
  requirePossible(decision, log);
  const [before, after] = [resolutionOf(log), resolutionOf([...log, decision])];
  const diff = diffResolutions(before, after);
  await addDecisions(run, [decision], log);
  await writeResolution(run, diff);
  const rehoming = new Rehoming(before, after);
  const ids = await postsOf(run, diff.entities);
  const authors = await lockAuthorsOf(run, { ids, authors: [] });
  for (let at = 0; at < ids.length; at += POSTS_PER_ACCOUNT_RUN) {
    const part = ids.slice(at, at + POSTS_PER_ACCOUNT_RUN);
    const accepted = rehoming.accept(await lockPosts(run, part), await readContents(run, part));
    rehoming.note(await applyQuietly(run, decidedRun([], accepted), decision.atMs));
  }
  await nameAuthors(run, authors);
  await nameAndAddEvents(run, rehoming.events(decision));
  return { decision, isNew: true, posts: rehoming.posts };
}

/** Puts decisions of an export back, before the posts that they are about. */
export async function restoreDecisions(run: Run, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const log = await readDecisions(run);
  await addDecisions(run, decisions, log);
  await writeResolution(run, diffResolutions(resolutionOf(log), resolutionOf([...log, ...decisions])));
}

/** The log, oldest decision first. */
export async function readDecisions(run: Run): Promise<readonly Decision[]> {
  const rows = await run<{ decision: string }>('MATCH (d:Decision) RETURN d.decision AS decision ORDER BY d.seq');
  return rows.map(({ decision }) => JSON.parse(decision) as Decision);
}

/** Decisions about any of the entities or facts, oldest first. */
export async function decisionsAbout(run: Run, ids: readonly string[]): Promise<readonly Decision[]> {
  const rows = await run<{ decision: string }>(
    `UNWIND $ids AS id MATCH (:DecisionSubject {id: id})<-[:ABOUT]-(d:Decision)
     WITH DISTINCT d ORDER BY d.seq RETURN d.decision AS decision`,
    { ids },
  );
  return rows.map(({ decision }) => JSON.parse(decision) as Decision);
}

async function addDecisions(run: Run, decisions: readonly Decision[], before: readonly Decision[]): Promise<void> {
  const log = [...before, ...decisions];
  const rows = decisions.map((decision, index) => ({
    row: { id: decision.id, seq: integer(before.length + index + 1), decision: JSON.stringify(decision) },
    subjects: [...new Set(subjectsOf(decision, log))],
  }));
  await run(
    `UNWIND $rows AS each CREATE (d:Decision) SET d = each.row
     WITH d, each UNWIND each.subjects AS subject MERGE (s:DecisionSubject {id: subject}) CREATE (d)-[:ABOUT]->(s)`,
    { rows },
  );
}

async function postsOf(run: Run, entityIds: readonly string[]): Promise<readonly string[]> {
  const rows = await run<{ id: string }>(
    `UNWIND $entityIds AS id MATCH (:Entity {id: id})<-[:REFERS_TO]-(m:Mention)
     RETURN DISTINCT m.postId AS id ORDER BY id`,
    { entityIds },
  );
  return rows.map(({ id }) => id);
}
