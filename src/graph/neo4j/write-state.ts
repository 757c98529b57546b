import type { Counted } from '../plan/fact-tallies.ts';
import type { FactRow, Names, OldMention, PostState } from '../plan/rows.ts';
import type { Run } from './client.ts';
import { readHot } from './hot-facts.ts';

/** Locks posts in the order of their ids, making those that are not there, and reads their states. */
export async function lockPosts(run: Run, ids: readonly string[]): Promise<ReadonlyMap<string, PostState>> {
  if (ids.length === 0) return new Map();
  await run('UNWIND $ids AS id MERGE (p:Post {id: id}) SET p.lock = true', { ids: [...ids].sort() });
  // A statement of its own: what is read must have been committed before the lock was granted.
  const rows = await run<Omit<PostState, 'deleted'>>(
    `UNWIND $ids AS id MATCH (p:Post {id: id}) WHERE p.contentHash IS NOT NULL
     RETURN p.id AS id, p.version AS version, p.generation AS generation, p.contentHash AS contentHash,
       coalesce(p.standing, 'live') AS standing, p.authorId AS authorId, p.eventMs AS eventMs`,
    { ids },
  );
  return new Map(rows.map((row) => [row.id, { ...row, deleted: row.standing === 'deleted' }]));
}

/** Removes the nodes of posts that were locked and did not come to be there: something was said about them only. */
export async function dropLocks(run: Run, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await run('UNWIND $ids AS id MATCH (p:Post {id: id}) WHERE p.contentHash IS NULL DELETE p', { ids });
}

/** Posts of an author that have content, parked or not, in the order of their ids. */
export async function readPostsOfAuthor(run: Run, authorId: string): Promise<readonly string[]> {
  const cypher = `MATCH (p:Post) WHERE p.authorId = $authorId AND p.eventMs IS NOT NULL RETURN p.id AS id ORDER BY id`;
  return (await run<{ id: string }>(cypher, { authorId })).map((row) => row.id);
}

/** Entities and surface forms of the mentions that posts have now. */
export async function readOldMentions(run: Run, postIds: readonly string[]): Promise<readonly OldMention[]> {
  if (postIds.length === 0) return [];
  return run(
    `UNWIND $postIds AS id MATCH (:Post {id: id})-[:HAS_MENTION]->(m:Mention)
     RETURN id AS postId, m.entityId AS entityId, m.text AS text`,
    { postIds },
  );
}

/** Facts that posts support now, by post. */
export async function readOldFacts(
  run: Run,
  postIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (postIds.length === 0) return new Map();
  const rows = await run<{ postId: string; facts: string[] }>(
    'UNWIND $postIds AS id MATCH (:Post {id: id})-[a:ASSERTS]->() RETURN id AS postId, collect(a.factId) AS facts',
    { postIds },
  );
  return new Map(rows.map((row) => [row.postId, row.facts]));
}

/** Locks facts in the order of their ids, making those that are not there, and reads them with the live evidence of those that have no parts. */
export async function lockFacts(run: Run, ids: readonly string[]): Promise<Counted> {
  if (ids.length === 0) return { facts: [], evidence: [], hot: new Map() };
  await run('UNWIND $ids AS id MERGE (f:Fact {id: id}) SET f.lock = true', { ids });
  const hot = await readHot(run, ids);
  const [facts, evidence] = await Promise.all([
    run<{ fact: FactRow }>(
      `UNWIND $ids AS id MATCH (f:Fact {id: id}) WHERE f.type IS NOT NULL
       RETURN f {.id, .type, .headId, .tailId, .confidence, .maxConfidence, .evidenceCount, .sourceCount, .authorCount,
         .firstSeenMs, .lastSeenMs, .createdMs, .expiredMs} AS fact`,
      { ids },
    ),
    run<{ factId: string; rows: readonly (readonly [string, string, string, number, number])[] }>(
      `UNWIND $ids AS id MATCH (f:Fact {id: id})<-[a:ASSERTS]-()
       RETURN id AS factId, collect([a.postId, a.authorId, a.sourceKey, a.eventMs, a.p]) AS rows`,
      { ids: ids.filter((id) => !hot.has(id)) },
    ),
  ]);
  const supports = evidence.flatMap(({ factId, rows }) =>
    rows.map(([postId, authorId, sourceKey, eventMs, p]) => ({ factId, postId, authorId, sourceKey, eventMs, p })),
  );
  return { facts: facts.map(({ fact }) => fact), evidence: supports, hot };
}

/** Display names and types of the entities that are there, by id. */
export async function readNames(run: Run, ids: readonly string[]): Promise<Names> {
  if (ids.length === 0) return new Map();
  const rows = await run<{ id: string; name: string; type: string }>(
    'UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN e.id AS id, e.name AS name, e.type AS type',
    { ids },
  );
  return new Map(rows.map((row) => [row.id, row]));
}
