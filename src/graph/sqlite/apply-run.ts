import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import { missingParts } from '../plan/replay-facts.ts';
import type { DecidedRun } from '../plan/runs.ts';
import { addEvents, applyWrites } from './apply-writes.ts';
import type { Connection } from './connection.ts';
import { readParts } from './hot-facts.ts';
import { readFacts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

/** Writes the accepted posts of a run with everything that follows from them, inside the caller's transaction. */
export function applyRun(connection: Connection, run: Pick<DecidedRun, 'accepted' | 'replaced'>, nowMs: number): void {
  if (run.accepted.length === 0) return;
  const oldFacts = readOldFacts(connection, run.replaced);
  const facts = readFacts(connection, touchedFacts(run, oldFacts));
  const before = { ...facts, oldFacts, mentions: readOldMentions(connection, run.replaced) };
  for (;;) {
    const missing = missingParts(run.accepted, before);
    if (missing.length === 0) break;
    readParts(connection, missing, before.hot);
  }
  const writes = planWrites(run, before, nowMs);
  const named = namedEntities(writes.events);
  // An entity whose last mention goes with this run is named as it was.
  const oldNames = readNames(connection, named);
  applyWrites(connection, writes, nowMs);
  const names = new Map([...oldNames, ...readNames(connection, named)]);
  addEvents(connection, nameEvents(writes.events, names));
}
