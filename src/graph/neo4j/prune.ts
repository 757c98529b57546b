import type { PrunedPart, PruneRequest } from '../graph-store.ts';
import { picturesOf, pruneRun } from '../plan/prune.ts';
import { nextOf } from '../scan.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { applyRun } from './apply-run.ts';
import { integer, type Neo4jClient, type Run } from './client.ts';
import { passGate } from './gates.ts';
import { readContents } from './read-contents.ts';
import { dropLocks, lockPosts } from './write-state.ts';

/** Removes old posts among the next ones in one transaction; see `GraphStore.prune`. */
export async function prune(
  client: Neo4jClient,
  { after, limit, dryRun, beforeMs, nowMs, gate }: PruneRequest & { readonly nowMs: number; readonly gate: number },
): Promise<PrunedPart> {
  const looked = await client.read<{ id: string; isOld: boolean }>(
    `MATCH (p:Post) WHERE p.id > $after
     RETURN p.id AS id, coalesce(p.eventMs < $beforeMs, false) AS isOld ORDER BY p.id LIMIT $limit`,
    { after, limit: integer(limit), beforeMs: integer(beforeMs) },
  );
  const next = nextOf(looked, limit);
  const ids = looked.filter((post) => post.isOld).map((post) => post.id);
  if (dryRun) return { posts: ids.length, pictures: [], next };
  return client.write(async (run) => {
    await passGate(run, gate);
    const found = ids.length === 0 ? NOTHING : await prunePosts(run, { ids, beforeMs, nowMs });
    if (next === undefined) await forgetPast(run, beforeMs);
    return { ...found, next };
  });
}

const NOTHING = { posts: 0, pictures: [] };

async function prunePosts(
  run: Run,
  { ids, beforeMs, nowMs }: { readonly ids: readonly string[]; readonly beforeMs: number; readonly nowMs: number },
): Promise<Omit<PrunedPart, 'next'>> {
  const authors = await lockAuthorsOf(run, { ids, authors: [] });
  const locked = await lockPosts(run, ids);
  const states = new Map([...locked].filter(([, { eventMs }]) => eventMs !== null && eventMs < beforeMs));
  const gone = [...states.keys()];
  const contents = await readContents(run, gone);
  await applyRun(run, pruneRun(states, contents, nowMs), nowMs);
  await nameAuthors(run, authors);
  await run('UNWIND $gone AS id MATCH (m:Marks {id: id}) DELETE m', { gone });
  await run('UNWIND $gone AS id MATCH (p:Post {id: id}) DETACH DELETE p', { gone });
  await dropLocks(run, ids);
  return { posts: gone.length, pictures: picturesOf(contents.values()) };
}

/** A fact may come back while its lock is waited for: what it is then counts. */
async function forgetPast(run: Run, beforeMs: number): Promise<void> {
  const before = { beforeMs: integer(beforeMs) };
  await run('MATCH (f:FactPast) WHERE f.expiredMs < $beforeMs DELETE f', before);
  await run('MATCH (f:Fact) WHERE f.expiredMs < $beforeMs WITH f ORDER BY f.id SET f.lock = true', before);
  await run('MATCH (f:Fact) WHERE f.expiredMs < $beforeMs DETACH DELETE f', before);
}
