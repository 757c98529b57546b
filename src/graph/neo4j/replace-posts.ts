import type { UpsertOutcome } from '../graph-store.ts';
import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import type { ResolvedPost, WriteSet } from '../plan/rows.ts';
import { decideRun } from '../plan/runs.ts';
import { countSurfaces, createMentions, lockEntities, nameEntities } from './apply-entities.ts';
import { writeFacts } from './apply-facts.ts';
import { clearPosts, lockAuthors, writePosts } from './apply-posts.ts';
import type { Run } from './client.ts';
import { addEvents } from './outbox.ts';
import { lockFacts, lockPosts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

/**
 * Applies a run of posts inside a transaction.
 *
 * Every transaction locks posts, facts, authors, surface forms and entities in this order and each kind by id, so that
 * two writers wait for each other instead of deadlocking.
 */
export async function replaceRun(
  run: Run,
  posts: readonly ResolvedPost[],
  nowMs: number,
): Promise<readonly UpsertOutcome[]> {
  const ids = posts.map((post) => post.row.id);
  const decided = decideRun(posts, await lockPosts(run, ids));
  if (decided.accepted.length === 0) return decided.outcomes;
  const [oldFacts, mentions] = await Promise.all([
    readOldFacts(run, decided.replaced),
    readOldMentions(run, decided.replaced),
  ]);
  const facts = await lockFacts(run, touchedFacts(decided, oldFacts));
  const writes = planWrites(decided, { ...facts, oldFacts, mentions }, nowMs);
  const named = namedEntities(writes.events);
  // An entity whose last mention goes with this run is named as it was.
  const oldNames = await readNames(run, named);
  await applyWrites(run, writes, nowMs);
  const names = new Map([...oldNames, ...(await readNames(run, named))]);
  await addEvents(run, nameEvents(writes.events, names));
  return decided.outcomes;
}

async function applyWrites(run: Run, writes: WriteSet, nowMs: number): Promise<void> {
  const renamed = [...new Set(writes.surfaces.map((surface) => surface.entityId))];
  const touched = [...new Set([...renamed, ...writes.entities.map((entity) => entity.id)])].sort();
  await lockAuthors(run, writes.authors);
  await countSurfaces(run, writes.surfaces);
  await lockEntities(run, writes.entities, touched);
  await clearPosts(run, writes.clearedPosts);
  await writePosts(run, writes, nowMs);
  await createMentions(run, writes.mentions);
  await writeFacts(run, writes);
  await nameEntities(run, renamed);
}
