import type { Extraction } from '../../domain/extraction.ts';
import type { UpsertOutcome } from '../graph-store.ts';
import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import type { ResolvedPost } from '../plan/rows.ts';
import { decideRun, splitRuns } from '../plan/runs.ts';
import { resolvePost } from '../resolve/resolve-post.ts';
import { addEvents, applyWrites } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { readFacts, readNames, readOldFacts, readOldMentions, readPostStates } from './write-state.ts';

/** Applies extractions in one transaction; see `GraphStore.replacePosts`. */
export function replacePosts(
  connection: Connection,
  extractions: readonly Extraction[],
  nowMs: number,
): readonly UpsertOutcome[] {
  const runs = splitRuns(extractions.map(resolvePost));
  return connection.transaction(() => runs.flatMap((run) => replaceRun(connection, run, nowMs)));
}

/** Applies a run of posts inside the caller's transaction. */
export function replaceRun(
  connection: Connection,
  posts: readonly ResolvedPost[],
  nowMs: number,
): readonly UpsertOutcome[] {
  const ids = posts.map((post) => post.row.id);
  const run = decideRun(posts, readPostStates(connection, ids));
  if (run.accepted.length === 0) return run.outcomes;
  const oldFacts = readOldFacts(connection, run.replaced);
  const facts = readFacts(connection, touchedFacts(run, oldFacts));
  const before = { ...facts, oldFacts, mentions: readOldMentions(connection, run.replaced) };
  const writes = planWrites(run, before, nowMs);
  const named = namedEntities(writes.events);
  // An entity whose last mention goes with this run is named as it was.
  const oldNames = readNames(connection, named);
  applyWrites(connection, writes, nowMs);
  const names = new Map([...oldNames, ...readNames(connection, named)]);
  addEvents(connection, nameEvents(writes.events, names));
  return run.outcomes;
}
