import type { Counted } from '../plan/fact-tallies.ts';
import type { FactRow, FactSupport, Names, OldMention, PostState } from '../plan/rows.ts';
import { FACT_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { readHot } from './hot-facts.ts';
import { isAmong } from './where.ts';

/** Stored states of the posts that are there, by id. */
export function readPostStates(connection: Connection, ids: readonly string[]): ReadonlyMap<string, PostState> {
  const sql = `SELECT ${STATE_COLUMNS} FROM post WHERE ${isAmong('id')}`;
  const rows = connection.all<Omit<PostState, 'deleted'>>(sql, JSON.stringify(ids));
  return new Map(rows.map((row) => [row.id, stateOf(row)]));
}

/** Stored states of an author's posts that have content, parked or not. */
export function readStatesOfAuthor(connection: Connection, authorId: string): readonly PostState[] {
  const sql = `SELECT ${STATE_COLUMNS} FROM post WHERE author_id = ?`;
  return connection.all<Omit<PostState, 'deleted'>>(sql, authorId).map(stateOf);
}

const STATE_COLUMNS = `id, version, generation, content_hash AS contentHash, standing, author_id AS authorId,
  event_ms AS eventMs`;

function stateOf(row: Omit<PostState, 'deleted'>): PostState {
  return { ...row, deleted: row.standing === 'deleted' };
}

/** Entities and surface forms of the mentions that posts have now. */
export function readOldMentions(connection: Connection, postIds: readonly string[]): readonly OldMention[] {
  if (postIds.length === 0) return [];
  const sql = `SELECT post_id AS postId, entity_id AS entityId, text FROM mention WHERE ${isAmong('post_id')}`;
  return connection.all(sql, JSON.stringify(postIds));
}

/** Facts that posts support now, by post. */
export function readOldFacts(
  connection: Connection,
  postIds: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const facts = new Map<string, string[]>();
  if (postIds.length === 0) return facts;
  const sql = `SELECT post_id AS postId, fact_id AS factId FROM evidence WHERE ${isAmong('post_id')}`;
  for (const { postId, factId } of connection.all<{ postId: string; factId: string }>(sql, JSON.stringify(postIds))) {
    facts.set(postId, [...(facts.get(postId) ?? []), factId]);
  }
  return facts;
}

/** Stored rows of facts, and the live evidence of those that have no parts. */
export function readFacts(connection: Connection, factIds: readonly string[]): Counted {
  if (factIds.length === 0) return { facts: [], evidence: [], hot: new Map() };
  const ids = JSON.stringify(factIds);
  const facts = connection.all<FactRow>(
    `SELECT ${FACT_COLUMNS}, expired_ms AS expiredMs FROM fact WHERE ${isAmong('id')}`,
    ids,
  );
  const hot = readHot(connection, factIds);
  const evidence = connection.all<FactSupport>(
    `SELECT fact_id AS factId, post_id AS postId, author_id AS authorId, source_key AS sourceKey, event_ms AS eventMs, p
     FROM evidence WHERE ${isAmong('fact_id')}`,
    JSON.stringify(factIds.filter((id) => !hot.has(id))),
  );
  return { facts, evidence, hot };
}

/** Display names and types of the entities that are there, by id. */
export function readNames(connection: Connection, ids: readonly string[]): Names {
  if (ids.length === 0) return new Map();
  const sql = `SELECT id, name, type FROM entity WHERE ${isAmong('id')}`;
  const rows = connection.all<{ id: string; name: string; type: string }>(sql, JSON.stringify(ids));
  return new Map(rows.map((row) => [row.id, row]));
}

/** How many live mentions entities have, by id; 0 where one is not there. */
export function readMentionCounts(connection: Connection, ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map(ids.map((id) => [id, 0]));
  if (ids.length === 0) return counts;
  const sql = `SELECT id, mention_count AS count FROM entity WHERE ${isAmong('id')}`;
  const rows = connection.all<{ id: string; count: number }>(sql, JSON.stringify(ids));
  for (const { id, count } of rows) counts.set(id, count);
  return counts;
}
