import type { StoredMention, StoredPost } from '../../domain/graph.ts';
import type { ImageResult } from '../../domain/image.ts';
import { decodeCursor } from '../cursor.ts';
import type { Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { type LivePostRow, storedPost } from '../stored-post.ts';
import { integer, type Neo4jClient } from './client.ts';
import { endOf, mentionPlace, newestPlace, prefixOf } from './places.ts';
import { inOrder } from './where.ts';

const POST = `p {.id, .platform, .nativeId, .text, .url, .lang, .authorNativeId, .authorHandle, .authorName, .eventMs,
  .version, .skipped, .images}`;

const MENTION = 'm {.id, .postId, .entityId, .start, .end, .text, .type, .p}';

interface Row {
  readonly post: LivePostRow & { readonly images: string };
}

/** Live posts in the order of the ids. */
export async function postsById(
  client: Neo4jClient,
  ids: readonly string[],
): Promise<readonly (StoredPost | undefined)[]> {
  const rows = await client.read<Row>(
    `UNWIND $ids AS id MATCH (p:Post {id: id}) WHERE p.standing IS NULL RETURN ${POST} AS post`,
    { ids },
  );
  return inOrder(ids, rows.map(postOf));
}

/** A page of the live posts, newest first. */
export async function posts(client: Neo4jClient, page: PageRequest): Promise<Page<StoredPost>> {
  const limit = integer(rowsForPage(page.first));
  const [eventMs, id] = decodeCursor('posts', page.after) ?? [];
  const after = eventMs === undefined ? '' : newestPlace({ eventMs: Number(eventMs), id: `${id}` });
  const rows = await client.read<Row>(
    `MATCH (p:Post) WHERE p.newestPlace > $after RETURN ${POST} AS post ORDER BY p.newestPlace LIMIT $limit`,
    { after, limit },
  );
  return pageOf('posts', rows.map(postOf), page.first, (post) => [post.eventMs, post.id]);
}

/** Mentions in the order of the ids. */
export async function mentionsById(
  client: Neo4jClient,
  ids: readonly string[],
): Promise<readonly (StoredMention | undefined)[]> {
  const cypher = `UNWIND $ids AS id MATCH (m:Mention {id: id}) RETURN ${MENTION} AS mention`;
  const rows = await client.read<{ mention: StoredMention }>(cypher, { ids });
  return inOrder(
    ids,
    rows.map((row) => row.mention),
  );
}

/** A page of an entity's mentions, newest post first. */
export async function mentionsOfEntity(
  client: Neo4jClient,
  entityId: string,
  page: PageRequest,
): Promise<Page<StoredMention>> {
  const limit = integer(rowsForPage(page.first));
  const [eventMs, postId, start, id] = decodeCursor('mentions', page.after) ?? [];
  const prefix = prefixOf(entityId);
  const after =
    eventMs === undefined
      ? prefix
      : mentionPlace({ entityId, eventMs: Number(eventMs), postId: `${postId}`, start: Number(start), id: `${id}` });
  const rows = await client.read<{ mention: StoredMention; eventMs: number }>(
    `MATCH (m:Mention) WHERE m.place > $after AND m.place < $end
     RETURN ${MENTION} AS mention, m.eventMs AS eventMs ORDER BY m.place LIMIT $limit`,
    { after, end: endOf(prefix), limit },
  );
  const keyOf = ({ mention, eventMs: at }: (typeof rows)[number]) => [at, mention.postId, mention.start, mention.id];
  const keyed = pageOf('mentions', rows, page.first, keyOf);
  return { ...keyed, items: keyed.items.map(({ node, cursor }) => ({ node: node.mention, cursor })) };
}

/** Mentions of each post, in text order. */
export async function mentionsOfPosts(
  client: Neo4jClient,
  postIds: readonly string[],
): Promise<readonly (readonly StoredMention[])[]> {
  const rows = await client.read<{ mention: StoredMention }>(
    `UNWIND $postIds AS id MATCH (:Post {id: id})-[:HAS_MENTION]->(m:Mention)
     RETURN ${MENTION} AS mention ORDER BY m.start, m.end, m.id`,
    { postIds: [...new Set(postIds)] },
  );
  const byPost = new Map<string, StoredMention[]>(postIds.map((id) => [id, []]));
  for (const { mention } of rows) byPost.get(mention.postId)?.push(mention);
  return postIds.map((id) => byPost.get(id) ?? []);
}

function postOf({ post }: Row): StoredPost {
  return storedPost(post, JSON.parse(post.images) as ImageResult[]);
}
