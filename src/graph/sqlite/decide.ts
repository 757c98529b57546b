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
import { applyQuietly } from './apply-run.ts';
import { addEvents } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { readContents } from './read-contents.ts';
import { writeResolution } from './resolution.ts';
import { isAmong } from './where.ts';
import { readNames, readPostStates } from './write-state.ts';

/** Takes decisions and writes again the posts that they change, in one transaction; see `GraphStore.decideAll`. */
export function decideAll(connection: Connection, asked: readonly Decision[]): DecidedAll {
  return connection.transaction(() => {
    const log = readDecisions(connection);
    const { outcomes, taken, before, after } = takeRulings(asked, log);
    const [first] = taken;
    if (!first) return { outcomes, posts: 0 };
    const diff = diffResolutions(before, after);
    addDecisions(connection, taken, log);
    writeResolution(connection, diff);
    const entities = decidedEntities(diff, before);
    const namesBefore = readNames(connection, idsOf(entities));
    const rehoming = new Rehoming(before, after);
    const ids = postsOf(connection, diff.entities);
    for (let at = 0; at < ids.length; at += POSTS_PER_ACCOUNT_RUN) {
      const part = ids.slice(at, at + POSTS_PER_ACCOUNT_RUN);
      const accepted = rehoming.accept(readPostStates(connection, part), readContents(connection, part));
      rehoming.note(applyQuietly(connection, decidedRun([], accepted), first.atMs));
    }
    const names = { before: namesBefore, after: readNames(connection, idsOf(entities)) };
    const facts = rehoming.events(taken, log);
    addEvents(connection, [
      ...decisionEvents(entities, { taken, past: log }, names),
      ...nameEvents(facts, readNames(connection, namedEntities(facts))),
    ]);
    return { outcomes, posts: rehoming.posts };
  });
}

/** Puts decisions of an export back, before the posts that they are about. */
export function restoreDecisions(connection: Connection, decisions: readonly Decision[]): void {
  if (decisions.length === 0) return;
  const log = readDecisions(connection);
  addDecisions(connection, decisions, log);
  const [before, after] = [new DecisionLog(log).now, new DecisionLog([...log, ...decisions]).now];
  writeResolution(connection, diffResolutions(before, after));
}

/** The log, oldest decision first. */
export function readDecisions(connection: Connection): readonly Decision[] {
  const rows = connection.all<{ decision: string }>('SELECT decision FROM decision ORDER BY seq');
  return rows.map(({ decision }) => JSON.parse(decision) as Decision);
}

/** Decisions about any of the entities or facts, oldest first. */
export function decisionsAbout(connection: Connection, ids: readonly string[]): readonly Decision[] {
  const rows = connection.all<{ decision: string }>(
    `SELECT decision FROM decision WHERE seq IN (SELECT seq FROM decision_subject WHERE ${isAmong('subject_id')})
     ORDER BY seq`,
    JSON.stringify(ids),
  );
  return rows.map(({ decision }) => JSON.parse(decision) as Decision);
}

function addDecisions(connection: Connection, decisions: readonly Decision[], before: readonly Decision[]): void {
  const log = [...before, ...decisions];
  for (const decision of decisions) {
    const sql = 'INSERT INTO decision (id, decision) VALUES (?, ?) RETURNING seq';
    const added = connection.first<{ seq: number }>(sql, decision.id, JSON.stringify(decision));
    for (const id of new Set(subjectsOf(decision, log))) {
      connection.run('INSERT INTO decision_subject VALUES (?, ?)', id, added?.seq ?? 0);
    }
  }
}

function postsOf(connection: Connection, entityIds: readonly string[]): readonly string[] {
  const sql = `SELECT DISTINCT post_id AS id FROM mention WHERE ${isAmong('entity_id')} ORDER BY post_id`;
  return connection.all<{ id: string }>(sql, JSON.stringify(entityIds)).map(({ id }) => id);
}
