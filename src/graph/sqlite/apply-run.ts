import { canonicalRun } from '../plan/canonicalise.ts';
import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import { missingParts } from '../plan/replay-facts.ts';
import type { AppliedFacts, EventDraft } from '../plan/rows.ts';
import type { DecidedRun } from '../plan/runs.ts';
import { addEvents, applyWrites } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { readParts } from './hot-facts.ts';
import { readResolution } from './resolution.ts';
import { readFacts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

type Accepted = Pick<DecidedRun, 'accepted' | 'replaced'>;

/** Writes the accepted posts of a run with everything that follows from them, inside the caller's transaction. */
export function applyRun(connection: Connection, decided: Accepted, nowMs: number): void {
  const { events, oldNames } = applyQuietly(connection, decided, nowMs);
  nameAndAddEvents(connection, events, oldNames);
}

/** Does the same and leaves it to the caller to tell of it. */
export function applyQuietly(connection: Connection, decided: Accepted, nowMs: number): AppliedFacts {
  if (decided.accepted.length === 0) return { was: [], is: [], events: [], oldNames: new Map() };
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
  // An entity whose last mention goes with this run is named as it was.
  const oldNames = readNames(connection, namedEntities(writes.events));
  applyWrites(connection, writes, nowMs);
  return { was: facts.facts, is: writes.facts, events: writes.events, oldNames };
}

/** Tells of what happened to facts, with the names that their ends have now, else with the old ones. */
export function nameAndAddEvents(
  connection: Connection,
  events: readonly EventDraft[],
  oldNames: AppliedFacts['oldNames'] = new Map(),
): void {
  const names = new Map([...oldNames, ...readNames(connection, namedEntities(events))]);
  addEvents(connection, nameEvents(events, names));
}
