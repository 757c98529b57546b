import { canonicalRun } from '../plan/canonicalise.ts';
import { waveringEntities, withEntities } from '../plan/entity-events.ts';
import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import { missingParts } from '../plan/replay-facts.ts';
import type { AppliedRun, WatchedEntities } from '../plan/rows.ts';
import type { DecidedRun } from '../plan/runs.ts';
import { entitiesOfPosts, NOBODY, watchedEntities, watchKeys } from '../plan/watched.ts';
import { addEvents, applyWrites } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { readParts } from './hot-facts.ts';
import { readResolution } from './resolution.ts';
import { isWatching, readWatched } from './watched.ts';
import { readFacts, readMentionCounts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

type Accepted = Pick<DecidedRun, 'accepted' | 'replaced'>;

/** Writes the accepted posts of a run with everything that follows from them, inside the caller's transaction. */
export function applyRun(connection: Connection, decided: Accepted, nowMs: number): void {
  const { events, names } = applyQuietly(connection, decided, nowMs);
  addEvents(connection, nameEvents(events, names));
}

/** Does the same and leaves it to the caller to tell of it. */
export function applyQuietly(connection: Connection, decided: Accepted, nowMs: number): AppliedRun {
  if (decided.accepted.length === 0) return { was: [], is: [], events: [], names: new Map() };
  const said = decided.accepted.map(({ incoming }) => incoming);
  const run = canonicalRun(decided, readResolution(connection, said));
  const oldFacts = readOldFacts(connection, run.replaced);
  const facts = readFacts(connection, touchedFacts(run, oldFacts));
  const before = { ...facts, oldFacts, mentions: readOldMentions(connection, run.replaced) };
  for (;;) {
    const missing = missingParts(run.accepted, before);
    if (missing.length === 0) break;
    readParts(connection, missing, before.hot);
  }
  const writes = planWrites(run, before, nowMs);
  const old = before.mentions;
  const counts = readMentionCounts(connection, waveringEntities(run.accepted, old));
  // An entity whose last mention goes with this run is named as it was; where nothing goes none does.
  const oldNames = old.length === 0 ? [] : readNames(connection, namedEntities(writes.events));
  const made = applyWrites(connection, writes, nowMs);
  const watched = watchedOf(connection, run.accepted);
  const events = withEntities(writes.events, { accepted: run.accepted, old }, { made, counts, watched }, nowMs);
  const names = new Map([...oldNames, ...readNames(connection, namedEntities(events))]);
  return { was: facts.facts, is: writes.facts, events, names };
}

/** The watched ones among the entities that posts mention. */
function watchedOf(connection: Connection, accepted: Accepted['accepted']): WatchedEntities {
  if (!isWatching(connection)) return NOBODY;
  const names = readNames(connection, entitiesOfPosts(accepted));
  return watchedEntities(names, readWatched(connection, watchKeys(names)));
}
