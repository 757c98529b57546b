import type { StoredMention, StoredPost } from '../../domain/graph.ts';
import type { ImageOutcome, ImageResult, Region } from '../../domain/image.ts';
import { decodeCursor } from '../cursor.ts';
import type { Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { type LivePostRow, storedPost } from '../stored-post.ts';
import { MENTION_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { allOf, inOrder, isAmong } from './where.ts';

const POST_COLUMNS = `id, platform, native_id AS nativeId, text, url, lang, author_native_id AS authorNativeId,
  author_handle AS authorHandle, author_name AS authorName, event_ms AS eventMs, version, skipped`;

/** Live posts in the order of the ids. */
export function postsById(connection: Connection, ids: readonly string[]): readonly (StoredPost | undefined)[] {
  // The plus keeps SQLite from the index of standings, in which nearly all posts are alike.
  const sql = `SELECT ${POST_COLUMNS} FROM post WHERE +standing = 'live' AND ${isAmong('id')}`;
  const rows = connection.all<LivePostRow>(sql, JSON.stringify(ids));
  const images = imagesOf(connection, ids);
  const posts = rows.map((row) => storedPost(row, images.get(row.id) ?? []));
  return inOrder(ids, posts);
}

/** A page of the live posts, newest first. */
export function posts(connection: Connection, page: PageRequest): Page<StoredPost> {
  const limit = rowsForPage(page.first);
  const [eventMs, id] = decodeCursor('posts', page.after) ?? [];
  const after =
    eventMs === undefined || id === undefined
      ? undefined
      : { sql: 'event_ms <= ? AND (event_ms < ? OR id > ?)', values: [eventMs, eventMs, id] };
  const where = allOf([{ sql: "standing = 'live' AND event_ms IS NOT NULL", values: [] }, after]);
  const rows = connection.all<LivePostRow>(
    `SELECT ${POST_COLUMNS} FROM post INDEXED BY post_newest WHERE ${where.sql} ORDER BY event_ms DESC, id LIMIT ?`,
    ...where.values,
    limit,
  );
  const images = imagesOf(
    connection,
    rows.map((row) => row.id),
  );
  const found = rows.map((row) => storedPost(row, images.get(row.id) ?? []));
  return pageOf('posts', found, page.first, (post) => [post.eventMs, post.id]);
}

/** Mentions in the order of the ids. */
export function mentionsById(connection: Connection, ids: readonly string[]): readonly (StoredMention | undefined)[] {
  const sql = `SELECT ${MENTION_COLUMNS} FROM mention WHERE ${isAmong('id')}`;
  return inOrder(ids, connection.all<StoredMention>(sql, JSON.stringify(ids)));
}

/** A page of an entity's mentions, newest post first. */
export function mentionsOfEntity(connection: Connection, entityId: string, page: PageRequest): Page<StoredMention> {
  const limit = rowsForPage(page.first);
  const [eventMs, postId, start, id] = decodeCursor('mentions', page.after) ?? [];
  const after = {
    sql: '(event_ms < ? OR (event_ms = ? AND (post_id, start, id) > (?, ?, ?)))',
    values: [eventMs ?? 0, eventMs ?? 0, postId ?? '', start ?? 0, id ?? ''],
  };
  const where = allOf([{ sql: 'entity_id = ?', values: [entityId] }, eventMs === undefined ? undefined : after]);
  const rows = connection.all<StoredMention & { eventMs: number }>(
    `SELECT ${MENTION_COLUMNS}, event_ms AS eventMs FROM mention WHERE ${where.sql}
     ORDER BY event_ms DESC, post_id, start, id LIMIT ?`,
    ...where.values,
    limit,
  );
  const keyed = pageOf('mentions', rows, page.first, (row) => [row.eventMs, row.postId, row.start, row.id]);
  return { ...keyed, items: keyed.items.map(({ node, cursor }) => ({ node: mentionOf(node), cursor })) };
}

/** Mentions of each post, in text order. */
export function mentionsOfPosts(
  connection: Connection,
  postIds: readonly string[],
): readonly (readonly StoredMention[])[] {
  const sql = `SELECT ${MENTION_COLUMNS} FROM mention WHERE ${isAmong('post_id')} ORDER BY start, "end", id`;
  const byPost = new Map<string, StoredMention[]>(postIds.map((id) => [id, []]));
  for (const row of connection.all<StoredMention>(sql, JSON.stringify(postIds))) byPost.get(row.postId)?.push(row);
  return postIds.map((id) => byPost.get(id) ?? []);
}

interface ImageRow {
  readonly postId: string;
  readonly source: string;
  readonly sha256: string | null;
  readonly outcome: ImageOutcome;
  readonly regions: string | null;
}

/** Pictures of posts, in the posts' order, by post. */
export function imagesOf(
  connection: Connection,
  postIds: readonly string[],
): ReadonlyMap<string, readonly ImageResult[]> {
  const rows = connection.all<ImageRow>(
    `SELECT post_id AS postId, source, sha256, outcome, regions FROM image WHERE ${isAmong('post_id')} ORDER BY position`,
    JSON.stringify(postIds),
  );
  const images = new Map<string, ImageResult[]>();
  for (const { postId, source, sha256, outcome, regions } of rows) {
    const parts = regions === null ? {} : { regions: JSON.parse(regions) as readonly Region[] };
    const image: ImageResult = { source, ...(sha256 === null ? {} : { sha256 }), outcome, ...parts };
    images.set(postId, [...(images.get(postId) ?? []), image]);
  }
  return images;
}

function mentionOf({ id, postId, entityId, start, end, text, type, p }: StoredMention): StoredMention {
  return { id, postId, entityId, start, end, text, type, p };
}
