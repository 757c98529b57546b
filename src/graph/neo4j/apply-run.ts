import { canonicalRun } from '../plan/canonicalise.ts';
import { waveringEntities, withEntities } from '../plan/entity-events.ts';
import { namedEntities, nameEvents, planWrites, touchedFacts } from '../plan/plan-writes.ts';
import { missingParts } from '../plan/replay-facts.ts';
import type { AppliedRun, Names, WatchedEntities, WriteSet } from '../plan/rows.ts';
import type { DecidedRun } from '../plan/runs.ts';
import { entitiesOfPosts, NOBODY, watchedEntities, watchKeys } from '../plan/watched.ts';
import {
  countMentions,
  countSurfaces,
  createMentions,
  lockEntities,
  type NamedRow,
  nameEntities,
} from './apply-entities.ts';
import { writeFacts } from './apply-facts.ts';
import { clearPosts, writePosts } from './apply-posts.ts';
import type { Run } from './client.ts';
import { readParts, writeHot } from './hot-facts.ts';
import { addEvents } from './outbox.ts';
import { readResolution } from './resolution.ts';
import { isWatching, readWatched } from './watched.ts';
import { lockFacts, readNames, readOldFacts, readOldMentions } from './write-state.ts';

type Accepted = Pick<DecidedRun, 'accepted' | 'replaced'>;

/** Writes the accepted posts of a run, whose authors and posts are locked, with everything that follows from them. */
export async function applyRun(run: Run, decided: Accepted, nowMs: number): Promise<void> {
  const { events, names } = await applyQuietly(run, decided, nowMs);
  await addEvents(run, nameEvents(events, names));
}

/** Does the same and leaves it to the caller to tell of it. */
export async function applyQuietly(run: Run, decided: Accepted, nowMs: number): Promise<AppliedRun> {
  if (decided.accepted.length === 0) return { was: [], is: [], events: [], names: new Map() };
  const said = decided.accepted.map(({ incoming }) => incoming);
  const [isWatched, resolution, oldFacts, mentions] = await Promise.all([
    isWatching(run),
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
  const ends = namedEntities(writes.events);
  const mentioned = isWatched ? entitiesOfPosts(canonical.accepted) : [];
  // An entity whose last mention goes with this run is named as it was; where nothing goes none does.
  const oldNames = mentions.length === 0 ? [] : await readNames(run, ends);
  const wavering = waveringEntities(canonical.accepted, mentions);
  const wanted = [...new Set([...ends, ...mentioned])];
  const { named, counts } = await applyWrites(run, writes, { nowMs, wanted, wavering });
  const written = new Map(named.map((row) => [row.id, row]));
  const unwritten = await readNames(
    run,
    wanted.filter((id) => !written.has(id)),
  );
  const names = new Map([...oldNames, ...unwritten, ...written]);
  const watched = isWatched ? await watchedOf(run, names, mentioned) : NOBODY;
  const made = new Set(named.flatMap(({ id, isNew }) => (isNew ? [id] : [])));
  const posts = { accepted: canonical.accepted, old: mentions };
  const events = withEntities(writes.events, posts, { made, counts, watched }, nowMs);
  return { was: facts.facts, is: writes.facts, events, names };
}

/** Writes everything but the events. Gives what it named, and how many mentions wavering entities had before. */
async function applyWrites(
  run: Run,
  writes: WriteSet,
  options: { readonly nowMs: number; readonly wanted: readonly string[]; readonly wavering: readonly string[] },
): Promise<{ readonly named: readonly NamedRow[]; readonly counts: ReadonlyMap<string, number> }> {
  const renamed = [...new Set(writes.surfaces.map((surface) => surface.entityId))];
  const touched = [...new Set([...renamed, ...writes.entities.map((entity) => entity.id)])].sort();
  // Statements of a transaction are worked on in the order in which they are sent: none need wait for an answer.
  const locks = [countSurfaces(run, writes.surfaces), lockEntities(run, writes.entities, touched)];
  const counting = countMentions(run, options.wavering);
  if (writes.clearedPosts.length > 0) {
    await Promise.all([...locks, counting]);
    await clearPosts(run, writes.clearedPosts);
  }
  const [named, counts] = await Promise.all([
    nameEntities(run, renamed, new Set(options.wanted)),
    counting,
    ...locks,
    writePosts(run, writes, options.nowMs),
    createMentions(run, writes.mentions),
    writeFacts(run, writes),
    writeHot(run, writes.hot),
  ]);
  return { named, counts: new Map([...counts].map(([id, count]) => [id, count - growthOf(id, writes)])) };
}

/** How many mentions more an entity has through a run. */
function growthOf(id: string, { surfaces }: WriteSet): number {
  return surfaces.reduce((sum, { entityId, delta }) => (entityId === id ? sum + delta : sum), 0);
}

/** The watched ones among the entities that posts mention. */
async function watchedOf(run: Run, names: Names, mentioned: readonly string[]): Promise<WatchedEntities> {
  const own: Names = new Map(mentioned.flatMap((id) => [names.get(id)].flatMap((one) => (one ? [[id, one]] : []))));
  return watchedEntities(own, await readWatched(run, watchKeys(own)));
}
