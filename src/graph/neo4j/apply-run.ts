import { canonicalRun } from '../plan/canonicalise.ts';
import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import { missingParts } from '../plan/replay-facts.ts';
import type { AppliedFacts, EventDraft, WriteSet } from '../plan/rows.ts';
import type { DecidedRun } from '../plan/runs.ts';
import { countSurfaces, createMentions, lockEntities, nameEntities } from './apply-entities.ts';
import { writeFacts } from './apply-facts.ts';
import { clearPosts, writePosts } from './apply-posts.ts';
import type { Run } from './client.ts';
import { readParts, writeHot } from './hot-facts.ts';
import { addEvents } from './outbox.ts';
import { readResolution } from './resolution.ts';
import { lockFacts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

type Accepted = Pick<DecidedRun, 'accepted' | 'replaced'>;

/** Writes the accepted posts of a run, whose authors and posts are locked, with everything that follows from them. */
export async function applyRun(run: Run, decided: Accepted, nowMs: number): Promise<void> {
  const { events, oldNames } = await applyQuietly(run, decided, nowMs);
  await nameAndAddEvents(run, events, oldNames);
}

/** Does the same and leaves it to the caller to tell of it. */
export async function applyQuietly(run: Run, decided: Accepted, nowMs: number): Promise<AppliedFacts> {
  if (decided.accepted.length === 0) return { was: [], is: [], events: [], oldNames: new Map() };
  const said = decided.accepted.map(({ incoming }) => incoming);
  const [resolution, oldFacts, mentions] = await Promise.all([
    readResolution(run, said),
    readOldFacts(run, decided.replaced),
    readOldMentions(run, decided.replaced),
  ]);
  const canonical = canonicalRun(decided, resolution);
  const facts = await lockFacts(run, touchedFacts(canonical, oldFacts));
  const before = { ...facts, oldFacts, mentions };
  for (;;) {
    const missing = missingParts(canonical.accepted, before);
    if (missing.length === 0) break;
    await readParts(run, missing, before.hot);
  }
  const writes = planWrites(canonical, before, nowMs);
  // An entity whose last mention goes with this run is named as it was.
  const oldNames = await readNames(run, namedEntities(writes.events));
  await applyWrites(run, writes, nowMs);
  return { was: facts.facts, is: writes.facts, events: writes.events, oldNames };
}

/** Tells of what happened to facts, with the names that their ends have now, else with the old ones. */
export async function nameAndAddEvents(
  run: Run,
  events: readonly EventDraft[],
  oldNames: AppliedFacts['oldNames'] = new Map(),
): Promise<void> {
  const names = new Map([...oldNames, ...(await readNames(run, namedEntities(events)))]);
  await addEvents(run, nameEvents(events, names));
}

async function applyWrites(run: Run, writes: WriteSet, nowMs: number): Promise<void> {
  const renamed = [...new Set(writes.surfaces.map((surface) => surface.entityId))];
  const touched = [...new Set([...renamed, ...writes.entities.map((entity) => entity.id)])].sort();
  // Statements of a transaction are worked on in the order in which they are sent: none need wait for an answer.
  const locks = [countSurfaces(run, writes.surfaces), lockEntities(run, writes.entities, touched)];
  if (writes.clearedPosts.length > 0) {
    await Promise.all(locks);
    await clearPosts(run, writes.clearedPosts);
  }
  await Promise.all([
    ...locks,
    writePosts(run, writes, nowMs),
    createMentions(run, writes.mentions),
    writeFacts(run, writes),
    writeHot(run, writes.hot),
    nameEntities(run, renamed),
  ]);
}
