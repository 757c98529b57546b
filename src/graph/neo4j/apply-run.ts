import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import { missingParts } from '../plan/replay-facts.ts';
import type { WriteSet } from '../plan/rows.ts';
import type { DecidedRun } from '../plan/runs.ts';
import { countSurfaces, createMentions, lockEntities, nameEntities } from './apply-entities.ts';
import { writeFacts } from './apply-facts.ts';
import { clearPosts, writePosts } from './apply-posts.ts';
import type { Run } from './client.ts';
import { readParts, writeHot } from './hot-facts.ts';
import { addEvents } from './outbox.ts';
import { lockFacts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

/** Writes the accepted posts of a run, whose authors and posts are locked, with everything that follows from them. */
export async function applyRun(
  run: Run,
  decided: Pick<DecidedRun, 'accepted' | 'replaced'>,
  nowMs: number,
): Promise<void> {
  if (decided.accepted.length === 0) return;
  const [oldFacts, mentions] = await Promise.all([
    readOldFacts(run, decided.replaced),
    readOldMentions(run, decided.replaced),
  ]);
  const facts = await lockFacts(run, touchedFacts(decided, oldFacts));
  const before = { ...facts, oldFacts, mentions };
  for (;;) {
    const missing = missingParts(decided.accepted, before);
    if (missing.length === 0) break;
    await readParts(run, missing, before.hot);
  }
  const writes = planWrites(decided, before, nowMs);
  const named = namedEntities(writes.events);
  // An entity whose last mention goes with this run is named as it was.
  const oldNames = await readNames(run, named);
  await applyWrites(run, writes, nowMs);
  const names = new Map([...oldNames, ...(await readNames(run, named))]);
  await addEvents(run, nameEvents(writes.events, names));
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
