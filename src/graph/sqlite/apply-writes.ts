import type {
  EntityRow,
  EvidenceRow,
  FactRow,
  MentionRow,
  OutboxEvent,
  PlacedPost,
  SurfaceDelta,
  WriteSet,
} from '../plan/rows.ts';
import { initialsOf } from '../resolve/initials.ts';
import type { Connection, SqlValue } from './connection.ts';
import { writeHot } from './hot-facts.ts';
import { addSearchTerms, removeSearchTerms } from './search-index.ts';
import { isAmong } from './where.ts';

const INSERT_POST = `
  INSERT INTO post (id, platform, native_id, version, generation, content_hash, standing, parked, text, url, lang, author_id,
    author_native_id, author_handle, author_name, event_ms, skipped, extractor, updated_ms)`;

const UPDATE_POST = `
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, generation = excluded.generation,
    content_hash = excluded.content_hash, standing = excluded.standing, parked = excluded.parked,
    native_id = excluded.native_id, text = excluded.text, url = excluded.url,
    lang = excluded.lang, author_id = excluded.author_id, author_native_id = excluded.author_native_id,
    author_handle = excluded.author_handle, author_name = excluded.author_name, event_ms = excluded.event_ms,
    skipped = excluded.skipped, extractor = excluded.extractor, updated_ms = excluded.updated_ms`;

const COUNT_SURFACE = `
  ON CONFLICT (entity_id, text) DO UPDATE SET count = count + excluded.count
  RETURNING entity_id AS entityId, text, count`;

const NAME_ENTITIES = `
  UPDATE entity SET
    name = (SELECT text FROM surface WHERE entity_id = entity.id ORDER BY count DESC, text LIMIT 1),
    mention_count = (SELECT sum(count) FROM surface WHERE entity_id = entity.id)
  WHERE ${isAmong('id')}`;

const UPDATE_FACT = `
  ON CONFLICT (id) DO UPDATE SET confidence = excluded.confidence, max_confidence = excluded.max_confidence,
    evidence_count = excluded.evidence_count, source_count = excluded.source_count,
    author_count = excluded.author_count, first_seen_ms = excluded.first_seen_ms,
    last_seen_ms = excluded.last_seen_ms, created_ms = excluded.created_ms, expired_ms = excluded.expired_ms`;

const KEEP_PAST = `
  INSERT OR REPLACE INTO fact_past VALUES (@id, @type, @headId, @tailId, @confidence, @maxConfidence, @evidenceCount,
    @sourceCount, @authorCount, @firstSeenMs, @lastSeenMs, @createdMs, @expiredMs)`;

/** Applies everything but the events, inside the caller's transaction. Gives the entities that were not there before. */
export function applyWrites(connection: Connection, writes: WriteSet, nowMs: number): ReadonlySet<string> {
  clearPosts(connection, writes.clearedPosts);
  writePosts(connection, writes.posts, nowMs);
  for (const id of writes.authors) refreshAuthor(connection, id);
  const made = applySurfaces(connection, writes);
  connection.insert('INSERT INTO mention', writes.mentions.map(mentionValues));
  connection.insert('INSERT INTO fact', writes.facts.map(factValues), UPDATE_FACT);
  for (const row of writes.past) keepPast(connection, row);
  connection.insert('INSERT INTO evidence', writes.evidence.map(evidenceValues));
  writeHot(connection, writes.hot);
  return made;
}

/** Keeps a retracted fact as it last was. */
export function keepPast(connection: Connection, row: FactRow): void {
  connection.runFor(KEEP_PAST, row);
}

/** Adds events to the outbox in the order given. */
export function addEvents(connection: Connection, events: readonly OutboxEvent[]): void {
  const rows = events.map((event) => [event.key, JSON.stringify(connection.quiet ? { ...event, quiet: true } : event)]);
  connection.insert('INSERT INTO outbox (key, event)', rows, 'ON CONFLICT (key) DO NOTHING');
}

function mentionValues(row: MentionRow): readonly SqlValue[] {
  const { id, postId, entityId, start, end, text, type, p, eventMs } = row;
  return [id, postId, entityId, start, end, text, type, p, eventMs];
}

function factValues(row: FactRow): readonly SqlValue[] {
  const { id, type, headId, tailId, confidence, maxConfidence, evidenceCount, sourceCount, authorCount } = row;
  const counts = [confidence, maxConfidence, evidenceCount, sourceCount, authorCount];
  return [id, type, headId, tailId, ...counts, row.firstSeenMs, row.lastSeenMs, row.createdMs, row.expiredMs];
}

function evidenceValues(row: EvidenceRow): readonly SqlValue[] {
  const { id, factId, postId, headMentionId, tailMentionId, p, eventMs, extractor, authorId, sourceKey } = row;
  const said = [id, factId, postId, headMentionId, tailMentionId, p, eventMs];
  return [...said, extractor, authorId, sourceKey, row.symmetric ? 1 : 0];
}

function clearPosts(connection: Connection, ids: readonly string[]): void {
  if (ids.length === 0) return;
  for (const table of ['evidence', 'mention', 'image']) {
    connection.run(`DELETE FROM ${table} WHERE ${isAmong('post_id')}`, JSON.stringify(ids));
  }
}

function writePosts(connection: Connection, posts: readonly PlacedPost[], nowMs: number): void {
  connection.insert(
    INSERT_POST,
    posts.map((post) => postValues(post, nowMs)),
    UPDATE_POST,
  );
  const images = posts.flatMap(({ row, images }) =>
    images.map(({ source, sha256 = null, outcome, regions }, position) => {
      return [row.id, position, source, sha256, outcome, regions ? JSON.stringify(regions) : null];
    }),
  );
  connection.insert('INSERT INTO image', images);
}

function postValues({ row, standing, parked }: PlacedPost, nowMs: number): readonly SqlValue[] {
  const { id, platform, nativeId, version, generation, contentHash, text, url, lang } = row;
  const author = [row.authorId, row.authorNativeId, row.authorHandle, row.authorName];
  const state = [version, generation, contentHash, standing, parked];
  return [id, platform, nativeId, ...state, text, url, lang, ...author, row.eventMs, row.skipped, row.extractor, nowMs];
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

/**
 * Keeps the counts of surface forms and, from them, the entities that are there, their names and numbers of mentions. Gives
 * the entities that were not there before.
 */
function applySurfaces(connection: Connection, { entities, surfaces }: WriteSet): ReadonlySet<string> {
  const shrunk = new Set(surfaces.filter(({ delta }) => delta < 0).map(({ entityId }) => entityId));
  const rows = surfaces.map(({ entityId, text, delta }) => [entityId, text, delta]);
  const counted = connection.insertReturning<CountedSurface>('INSERT INTO surface', rows, COUNT_SURFACE);
  const counts = new Map(counted.map(({ entityId, text, count }) => [`${entityId} ${text}`, count]));
  const added = surfaces.filter(({ entityId, text, delta }) => counts.get(`${entityId} ${text}`) === delta);
  addSearchTerms(connection, added);
  const made = makeEntities(connection, entities, added);
  for (const id of shrunk) {
    const sql = 'DELETE FROM surface WHERE entity_id = ? AND count <= 0 RETURNING text';
    for (const { text } of connection.all<{ text: string }>(sql, id)) removeSearchTerms(connection, id, text);
  }
  const renamed: string[] = [];
  for (const [id, forms] of formsOf(surfaces)) {
    if (forms === 1 && made.has(id)) continue;
    const isLeft = !shrunk.has(id) || connection.first('SELECT 1 FROM surface WHERE entity_id = ?', id) !== undefined;
    if (isLeft) renamed.push(id);
    else connection.run('DELETE FROM entity WHERE id = ?', id);
  }
  if (renamed.length > 0) connection.run(NAME_ENTITIES, JSON.stringify(renamed));
  return made;
}

/** A surface form as it is counted now. */
type CountedSurface = Omit<SurfaceDelta, 'delta'> & { readonly count: number };

/** Makes those entities that were not there. One that is new has been named nowhere else: where one form stands for it, that is its name. */
function makeEntities(
  connection: Connection,
  entities: readonly EntityRow[],
  added: readonly SurfaceDelta[],
): ReadonlySet<string> {
  const firstForms = new Map(added.toReversed().map((surface) => [surface.entityId, surface]));
  const rows = entities.flatMap(({ id, type, normName }) => {
    const first = firstForms.get(id);
    return first ? [[id, type, normName, first.text, first.delta, initialsOf(normName) ?? null]] : [];
  });
  const ending = 'ON CONFLICT DO NOTHING RETURNING id';
  const made = connection.insertReturning<{ id: string }>('INSERT INTO entity', rows, ending);
  return new Set(made.map(({ id }) => id));
}

/** Surface forms that change, by entity. */
function formsOf(surfaces: readonly SurfaceDelta[]): ReadonlyMap<string, number> {
  const forms = new Map<string, number>();
  for (const { entityId } of surfaces) forms.set(entityId, (forms.get(entityId) ?? 0) + 1);
  return forms;
}
