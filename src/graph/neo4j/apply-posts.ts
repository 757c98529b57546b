import type { PostRow, ResolvedPost, WriteSet } from '../plan/rows.ts';
import { forRows, integer, type Run } from './client.ts';

/** Removes mentions, evidence and pictures of posts that are replaced. */
export async function clearPosts(run: Run, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const pictures = await run<{ id: string }>(
    'UNWIND $ids AS id MATCH (:Post {id: id})-[:HAS_IMAGE]->(i:Image) RETURN DISTINCT i.id AS id ORDER BY id',
    { ids },
  );
  await run(
    `UNWIND $ids AS id MATCH (p:Post {id: id})
     CALL (p) { MATCH (p)-[r:ASSERTS|HAS_IMAGE]->() DELETE r }
     CALL (p) { MATCH (p)<-[r:POSTED]-() DELETE r }
     CALL (p) { MATCH (p)-[:HAS_MENTION]->(m:Mention) DETACH DELETE m }`,
    { ids },
  );
  await forRows(
    run,
    `UNWIND $rows AS row MATCH (i:Image {id: row.id}) SET i.lock = true
     WITH i WHERE NOT EXISTS { (i)<-[:HAS_IMAGE]-() } DELETE i`,
    pictures,
  );
}

/** Locks authors in the order of their ids. */
export async function lockAuthors(run: Run, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await run('UNWIND $ids AS id MERGE (a:Author {id: id}) SET a.lock = true', { ids });
}

/** Writes posts with their pictures and authors. */
export async function writePosts(run: Run, writes: WriteSet, nowMs: number): Promise<void> {
  const rows = writes.posts.map((post) => properties(post, nowMs));
  const pictures = writes.posts
    .flatMap(({ row, images }) =>
      images.flatMap((image, position) =>
        image.sha256 === undefined
          ? []
          : [{ id: image.sha256, postId: row.id, position: integer(position), source: image.source }],
      ),
    )
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  await Promise.all([
    run('UNWIND $rows AS row MATCH (p:Post {id: row.id}) SET p = row', { rows }),
    run(
      `UNWIND $rows AS row WITH row WHERE row.authorId IS NOT NULL
       MATCH (p:Post {id: row.id}) MATCH (a:Author {id: row.authorId}) CREATE (a)-[:POSTED]->(p)`,
      { rows },
    ),
    forRows(
      run,
      `UNWIND $rows AS row MERGE (i:Image {id: row.id}) SET i.lock = true WITH row, i
       MATCH (p:Post {id: row.postId}) CREATE (p)-[:HAS_IMAGE {position: row.position, source: row.source}]->(i)`,
      pictures,
    ),
    nameAuthors(run, writes.authors),
  ]);
}

/** An author is named as in their newest post, and goes with their last one. */
async function nameAuthors(run: Run, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await run(
    `UNWIND $ids AS id MATCH (a:Author {id: id})
     CALL (id) {
       OPTIONAL MATCH (p:Post) WHERE p.authorId = id AND p.eventMs IS NOT NULL
       WITH p ORDER BY p.eventMs DESC, p.id DESC LIMIT 1 RETURN p
     }
     FOREACH (newest IN CASE WHEN p IS NULL THEN [] ELSE [p] END |
       SET a.platform = newest.platform, a.nativeId = newest.authorNativeId, a.handle = newest.authorHandle,
         a.name = newest.authorName)
     FOREACH (gone IN CASE WHEN p IS NULL THEN [a] ELSE [] END | DETACH DELETE gone)`,
    { ids },
  );
}

/** Null properties are not stored; `deleted` only where it is true, so that an index finds the few. */
function properties({ row, images }: ResolvedPost, nowMs: number) {
  return {
    ...row,
    deleted: row.deleted ? true : null,
    generation: integer(row.generation),
    eventMs: optionalInteger(row.eventMs),
    updatedMs: integer(nowMs),
    images: JSON.stringify(images),
  } satisfies Record<keyof PostRow, unknown> & { updatedMs: unknown; images: string };
}

function optionalInteger(value: number | null) {
  return value === null ? null : integer(value);
}
