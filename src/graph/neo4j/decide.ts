import type { Decision } from '../../domain/decision.ts';
import type { DecidedAll } from '../graph-store.ts';
import { subjectsOf } from '../plan/about.ts';
import { POSTS_PER_ACCOUNT_RUN } from '../plan/accounts.ts';
import { DecisionLog } from '../plan/decision-log.ts';
import { decidedEntities, decisionEvents, idsOf } from '../plan/entity-events.ts';
import { namedEntities, nameEvents } from '../plan/plan-writes.ts';
import { diffResolutions, Rehoming } from '../plan/rehome.ts';
import { takeRulings } from '../plan/rulings.ts';
import { decidedRun } from '../plan/runs.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { applyQuietly } from './apply-run.ts';
import { integer, type Run } from './client.ts';
import { shutGates } from './gates.ts';
import { addEvents } from './outbox.ts';
import { readContents } from './read-contents.ts';
import { writeResolution } from './resolution.ts';
import { lockPosts, readNames } from './write-state.ts';

/** Takes decisions and writes again the posts that they change, inside a transaction; see `GraphStore.decideAll`. */
export async function decideAll(run: Run, asked: readonly Decision[]): Promise<DecidedAll> {
  await shutGates(run);
  const log = await readDecisions(run);
  const { outcomes, taken, before, after } = takeRulings(asked, log);
  const [first] = taken;
  if (!first) return { outcomes, posts: 0 };
  const diff = diffResolutions(before, after);
  await addDecisions(run, taken, log);
  await writeResolution(run, diff);
  const entities = decidedEntities(diff, before);
  const namesBefore = await readNames(run, idsOf(entities));
  const rehoming = new Rehoming(before, after);
  const ids = await postsOf(run, diff.entities);
  const authors = await lockAuthorsOf(run, { ids, authors: [] });
  for (let at = 0; at < ids.length; at += POSTS_PER_ACCOUNT_RUN) {
    const part = ids.slice(at, at + POSTS_PER_ACCOUNT_RUN);
    const accepted = rehoming.accept(await lockPosts(run, part), await readContents(run, part));
    rehoming.note(await applyQuietly(run, decidedRun([], accepted), first.atMs));
  }
  await nameAuthors(run, authors);
  const names = { before: namesBefore, after: await readNames(run, idsOf(entities)) };
  const facts = rehoming.events(taken, log);
  await addEvents(run, [
    ...decisionEvents(entities, { taken, past: log }, names),
    ...nameEvents(facts, await readNames(run, namedEntities(facts))),
  ]);
  return { outcomes, posts: rehoming.posts };
}

/** Puts decisions of an export back, before the posts that they are about. */
export async function restoreDecisions(run: Run, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const log = await readDecisions(run);
  await addDecisions(run, decisions, log);
  const [before, after] = [new DecisionLog(log).now, new DecisionLog([...log, ...decisions]).now];
  await writeResolution(run, diffResolutions(before, after));
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
