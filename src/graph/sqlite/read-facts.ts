import type { Evidence, Fact } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import {
  FACT_ORDERS,
  FACTS_ORDERED,
  type FactConditions,
  type FactOrder,
  highestFirst,
  newestFirst,
} from '../fact-look.ts';
import type { FactQuery, Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { EVIDENCE_COLUMNS, FACT_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { allOf, type Clause, inOrder, isAmong } from './where.ts';

const LIVE: Clause = { sql: 'expired_ms IS NULL', values: [] };

/** Live facts in the order of the ids. */
export function factsById(connection: Connection, ids: readonly string[]): readonly (Fact | undefined)[] {
  const sql = `SELECT ${FACT_COLUMNS} FROM fact WHERE ${LIVE.sql} AND ${isAmong('id')}`;
  return inOrder(ids, connection.all<Fact>(sql, JSON.stringify(ids)));
}

/** The live facts that each post states, by id. */
export function factsOfPosts(connection: Connection, postIds: readonly string[]): readonly (readonly Fact[])[] {
  const stated = connection.all<{ postId: string; factId: string }>(
    `SELECT post_id AS postId, fact_id AS factId FROM evidence WHERE ${isAmong('post_id')} ORDER BY fact_id`,
    JSON.stringify(postIds),
  );
  const ids = [...new Set(stated.map(({ factId }) => factId))];
  const found = new Map(factsById(connection, ids).map((fact) => [fact?.id, fact]));
  const byPost = new Map<string, Fact[]>(postIds.map((id) => [id, []]));
  for (const { postId, factId } of stated) {
    const fact = found.get(factId);
    if (fact) byPost.get(postId)?.push(fact);
  }
  return postIds.map((id) => byPost.get(id) ?? []);
}

/** A page of facts in the order that is asked for. */
export function facts(connection: Connection, query: FactQuery, page: PageRequest): Page<Fact> {
  const { orderBy = 'NEWEST' } = query;
  return orderBy === 'NEWEST' ? newestFacts(connection, query, page) : orderedFacts(connection, query, page, orderBy);
}

const ORDER_COLUMNS = { CONFIDENCE: 'confidence', EVIDENCE: 'evidence_count', LAST_SEEN: 'last_seen_ms' };

/** The newest facts of each place in another order. */
function orderedFacts(connection: Connection, query: FactQuery, page: PageRequest, order: FactOrder): Page<Fact> {
  const { list, field } = FACT_ORDERS[order];
  const column = ORDER_COLUMNS[order];
  const limit = rowsForPage(page.first);
  const [value, id] = decodeCursor(list, page.after) ?? [];
  const after =
    value === undefined || id === undefined
      ? undefined
      : { sql: `${column} <= ? AND (${column} < ? OR id > ?)`, values: [value, value, id] };
  // The newest of a type stand in an index of their own, those of an entity do not.
  const ofType = query.entityId === undefined && query.type !== undefined;
  const [source, type] = [sourceOf({}), ofType ? { sql: 'type = ?', values: [query.type ?? ''] } : undefined];
  const rows = endsOf(query).flatMap((end) => {
    const [place, where] = [allOf([end, type]), allOf([...factFilters(query), after])];
    return connection.all<Fact>(
      `SELECT ${FACT_COLUMNS} FROM (SELECT * FROM ${source.sql} AND ${place.sql} ORDER BY created_ms DESC, id LIMIT ?)
       WHERE ${where.sql} ORDER BY ${column} DESC, id LIMIT ?`,
      ...place.values,
      FACTS_ORDERED,
      ...where.values,
      limit,
    );
  });
  return pageOf(list, rows.sort(highestFirst(field)).slice(0, limit), page.first, (row) => [row[field], row.id]);
}

/** A page of facts, newest first. */
function newestFacts(connection: Connection, query: FactQuery, page: PageRequest): Page<Fact> {
  const limit = rowsForPage(page.first);
  const [createdMs, id] = decodeCursor('facts', page.after) ?? [];
  const after =
    createdMs === undefined || id === undefined
      ? undefined
      : {
          sql: 'created_ms <= ? AND (created_ms < ? OR id > ?)',
          values: [createdMs, createdMs, id],
        };
  const source = sourceOf(query);
  const lists = endsOf(query).map((end) => {
    const where = allOf([end, ...factFilters(query), after]);
    return connection.all<Fact>(
      `SELECT ${FACT_COLUMNS} FROM ${source.sql} AND ${where.sql} ORDER BY created_ms DESC, id LIMIT ?`,
      ...source.values,
      ...where.values,
      limit,
    );
  });
  const [one = [], other] = lists;
  const rows = other ? [...one, ...other].sort(newestFirst).slice(0, limit) : one;
  return pageOf('facts', rows, page.first, (row) => [row.createdMs, row.id]);
}

/** A page of a fact's evidence, earliest post first. */
export function evidence(connection: Connection, factId: string, page: PageRequest): Page<Evidence> {
  const limit = rowsForPage(page.first);
  const after = decodeCursor('evidence', page.after);
  const where = allOf([
    { sql: 'fact_id = ?', values: [factId] },
    after && { sql: '(event_ms, post_id) > (?, ?)', values: after },
  ]);
  const rows = connection.all<Evidence>(
    `SELECT ${EVIDENCE_COLUMNS} FROM evidence WHERE ${where.sql} ORDER BY event_ms, post_id LIMIT ?`,
    ...where.values,
    limit,
  );
  return pageOf('evidence', rows, page.first, (row) => [row.eventMs, row.postId]);
}

/** The facts of a time, as the beginning of a condition. */
export function sourceOf({ asOfMs }: FactQuery): Clause {
  if (asOfMs === undefined) return { sql: `fact WHERE ${LIVE.sql}`, values: LIVE.values };
  const sql = `(SELECT * FROM fact WHERE ${LIVE.sql} AND created_ms <= ?
    UNION ALL SELECT * FROM fact_past WHERE created_ms <= ? AND expired_ms > ?) WHERE true`;
  return { sql, values: [asOfMs, asOfMs, asOfMs] };
}

/** Conditions on the columns of a fact. */
export function factFilters({ type, minConfidence }: FactConditions): readonly (Clause | undefined)[] {
  return [
    type === undefined ? undefined : { sql: 'type = ?', values: [type] },
    minConfidence === undefined ? undefined : { sql: 'confidence >= ?', values: [minConfidence] },
  ];
}

/** The ends at which an entity is looked for, one query each, for an index each; a fact has two different ends. */
function endsOf(query: FactQuery): readonly (Clause | undefined)[] {
  const { entityId } = query;
  if (entityId === undefined) return [undefined];
  return endColumns(query).map((column) => ({ sql: `${column} = ?`, values: [entityId] }));
}

/** The columns of the ends that are meant. */
export function endColumns({ direction = 'ANY' }: FactQuery): readonly string[] {
  return { OUT: ['head_id'], IN: ['tail_id'], ANY: ['head_id', 'tail_id'] }[direction];
}
