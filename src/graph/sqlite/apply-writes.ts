import type { FactRow, OutboxEvent, PlacedPost, WriteSet } from '../plan/rows.ts';
import type { Connection } from './connection.ts';
import { writeHot } from './hot-facts.ts';
import { addSearchTerms, removeSearchTerms } from './search-index.ts';
import { isAmong } from './where.ts';

const UPSERT_POST = `
  INSERT INTO post (id, platform, native_id, version, generation, content_hash, standing, parked, text, url, lang, author_id,
    author_native_id, author_handle, author_name, event_ms, skipped, extractor, updated_ms)
  VALUES (@id, @platform, @nativeId, @version, @generation, @contentHash, @standing, @parked, @text, @url, @lang, @authorId,
    @authorNativeId, @authorHandle, @authorName, @eventMs, @skipped, @extractor, @nowMs)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, generation = excluded.generation,
    content_hash = excluded.content_hash, standing = excluded.standing, parked = excluded.parked,
    native_id = excluded.native_id, text = excluded.text, url = excluded.url,
    lang = excluded.lang, author_id = excluded.author_id, author_native_id = excluded.author_native_id,
    author_handle = excluded.author_handle, author_name = excluded.author_name, event_ms = excluded.event_ms,
    skipped = excluded.skipped, extractor = excluded.extractor, updated_ms = excluded.updated_ms`;

const INSERT_MENTION = 'INSERT INTO mention VALUES (@id, @postId, @entityId, @start, @end, @text, @type, @p, @eventMs)';

const COUNT_SURFACE = `
  INSERT INTO surface VALUES (?, ?, ?) ON CONFLICT (entity_id, text) DO UPDATE SET count = count + excluded.count
  RETURNING count`;

const UPSERT_FACT = `
  INSERT INTO fact VALUES (@id, @type, @headId, @tailId, @confidence, @maxConfidence, @evidenceCount, @sourceCount,
    @authorCount, @firstSeenMs, @lastSeenMs, @createdMs, @expiredMs)
  ON CONFLICT (id) DO UPDATE SET confidence = excluded.confidence, max_confidence = excluded.max_confidence,
    evidence_count = excluded.evidence_count, source_count = excluded.source_count,
    author_count = excluded.author_count, first_seen_ms = excluded.first_seen_ms,
    last_seen_ms = excluded.last_seen_ms, created_ms = excluded.created_ms, expired_ms = excluded.expired_ms`;

const KEEP_PAST = `
  INSERT OR REPLACE INTO fact_past VALUES (@id, @type, @headId, @tailId, @confidence, @maxConfidence, @evidenceCount,
    @sourceCount, @authorCount, @firstSeenMs, @lastSeenMs, @createdMs, @expiredMs)`;

const INSERT_EVIDENCE = `
  INSERT INTO evidence VALUES (@id, @factId, @postId, @headMentionId, @tailMentionId, @p, @eventMs, @extractor,
    @authorId, @sourceKey)`;

/** Applies everything but the events, inside the caller's transaction. */
export function applyWrites(connection: Connection, writes: WriteSet, nowMs: number): void {
  clearPosts(connection, writes.clearedPosts);
  for (const post of writes.posts) upsertPost(connection, post, nowMs);
  for (const id of writes.authors) refreshAuthor(connection, id);
  for (const row of writes.entities) {
    connection.runFor("INSERT OR IGNORE INTO entity VALUES (@id, @type, @normName, '', 0)", row);
  }
  applySurfaces(connection, writes.surfaces);
  for (const row of writes.mentions) connection.runFor(INSERT_MENTION, row);
  for (const row of writes.facts) connection.runFor(UPSERT_FACT, row);
  for (const row of writes.past) keepPast(connection, row);
  for (const row of writes.evidence) connection.runFor(INSERT_EVIDENCE, row);
  writeHot(connection, writes.hot);
}

/** Keeps a retracted fact as it last was. */
export function keepPast(connection: Connection, row: FactRow): void {
  connection.runFor(KEEP_PAST, row);
}

/** Adds events to the outbox in the order given. */
export function addEvents(connection: Connection, events: readonly OutboxEvent[]): void {
  for (const event of events) {
    const sql = 'INSERT INTO outbox (key, event) VALUES (?, ?) ON CONFLICT (key) DO NOTHING';
    connection.run(sql, event.key, JSON.stringify(event));
  }
}

function clearPosts(connection: Connection, ids: readonly string[]): void {
  if (ids.length === 0) return;
  for (const table of ['evidence', 'mention', 'image']) {
    connection.run(`DELETE FROM ${table} WHERE ${isAmong('post_id')}`, JSON.stringify(ids));
  }
}

function upsertPost(connection: Connection, post: PlacedPost, nowMs: number): void {
  const { standing, parked, images } = post;
  const { deleted: _deleted, ...row } = post.row;
  connection.runFor(UPSERT_POST, { ...row, standing, parked, nowMs });
  images.forEach(({ source, sha256 = null, outcome }, position) => {
    connection.run('INSERT INTO image VALUES (?, ?, ?, ?, ?)', row.id, position, source, sha256, outcome);
  });
}

/** An author is named as in their newest live post, and goes with their last one. */
function refreshAuthor(connection: Connection, id: string): void {
  const changed = connection.run(
    `INSERT INTO author SELECT author_id, platform, author_native_id, author_handle, author_name FROM post
     WHERE author_id = ? AND standing = 'live' ORDER BY event_ms DESC, id DESC LIMIT 1
     ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, name = excluded.name`,
    id,
  );
  if (changed === 0) connection.run('DELETE FROM author WHERE id = ?', id);
}

/** Keeps the counts of surface forms and, from them, each entity's name and number of mentions. */
function applySurfaces(connection: Connection, surfaces: WriteSet['surfaces']): void {
  for (const { entityId, text, delta } of surfaces) {
    const counted = connection.first<{ count: number }>(COUNT_SURFACE, entityId, text, delta);
    if (counted?.count === delta) addSearchTerms(connection, entityId, text);
  }
  for (const id of new Set(surfaces.map((surface) => surface.entityId))) {
    const gone = connection.all<{ text: string }>(
      'DELETE FROM surface WHERE entity_id = ? AND count <= 0 RETURNING text',
      id,
    );
    for (const { text } of gone) removeSearchTerms(connection, id, text);
    const changed = connection.run(
      `UPDATE entity SET name = top.text, mention_count = top.total FROM (
         SELECT text, sum(count) OVER () AS total FROM surface WHERE entity_id = ?1 ORDER BY count DESC, text LIMIT 1
       ) AS top WHERE id = ?1`,
      id,
    );
    if (changed === 0) connection.run('DELETE FROM entity WHERE id = ?', id);
  }
}
