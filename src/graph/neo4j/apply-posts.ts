import type { PlacedPost, PostRow, ResolvedPost, WriteSet } from '../plan/rows.ts';
import { forRows, integer, type Run } from './client.ts';
import { newestPlace, postPlace } from './places.ts';

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

/** Writes posts with their pictures and the edges from their authors. */
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
      `UNWIND $rows AS row WITH row WHERE row.authorId IS NOT NULL AND row.standing IS NULL
       MATCH (p:Post {id: row.id}) MATCH (a:Author {id: row.authorId}) CREATE (a)-[:POSTED]->(p)`,
      { rows },
    ),
    forRows(
      run,
      `UNWIND $rows AS row MERGE (i:Image {id: row.id}) SET i.lock = true WITH row, i
       MATCH (p:Post {id: row.postId}) CREATE (p)-[:HAS_IMAGE {position: row.position, source: row.source}]->(i)`,
      pictures,
    ),
  ]);
}

/** Null properties are not stored; `standing` only where it is not live, so that an index finds the few. */
function properties({ row: { deleted: _deleted, ...row }, standing, parked, images }: PlacedPost, nowMs: number) {
  return {
    ...row,
    standing: standing === 'live' ? null : standing,
    parked,
    parkedPictures: parked === null ? null : picturesOf(JSON.parse(parked) as ResolvedPost),
    generation: integer(row.generation),
    eventMs: optionalInteger(row.eventMs),
    updatedMs: integer(nowMs),
    images: JSON.stringify(images),
    authorPlace: standing === 'live' ? placeAmongPosts(row) : null,
    newestPlace: standing === 'live' ? placeAmongAll(row) : null,
  } satisfies Record<Exclude<keyof PostRow, 'deleted'>, unknown> & Record<string, unknown>;
}

/** Where a post stands among its author's; null without author or time. */
export function placeAmongPosts({ id, authorId, eventMs }: Pick<PostRow, 'id' | 'authorId' | 'eventMs'>) {
  return authorId === null || eventMs === null ? null : postPlace({ id, authorId, eventMs });
}

/** Where a post stands among all posts; null without time. */
export function placeAmongAll({ id, eventMs }: Pick<PostRow, 'id' | 'eventMs'>) {
  return eventMs === null ? null : newestPlace({ id, eventMs });
}

/** Hashes of a post's pictures. Cypher cannot read them out of the parked JSON. */
function picturesOf({ images }: ResolvedPost): readonly string[] {
  return images.flatMap(({ sha256 }) => sha256 ?? []);
}

function optionalInteger(value: number | null) {
  return value === null ? null : integer(value);
}
