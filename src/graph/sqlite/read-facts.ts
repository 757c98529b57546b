import type { Evidence, Fact } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
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

/** A page of facts, newest first. */
export function facts(connection: Connection, query: FactQuery, page: PageRequest): Page<Fact> {
  const limit = rowsForPage(page.first);
  const [createdMs, id] = decodeCursor('facts', page.after) ?? [];
  const after =
    createdMs === undefined || id === undefined
      ? undefined
      : { sql: '(created_ms < ? OR (created_ms = ? AND id > ?))', values: [createdMs, createdMs, id] };
  const source = sourceOf(query);
  const where = allOf([...filters(query), after]);
  const rows = connection.all<Fact>(
    `SELECT ${FACT_COLUMNS} FROM ${source.sql} AND ${where.sql} ORDER BY created_ms DESC, id LIMIT ?`,
    ...source.values,
    ...where.values,
    limit,
  );
  return pageOf('facts', rows, page.first, (row) => [row.createdMs, row.id]);
}

/** Number of facts a query matches. */
export function countFacts(connection: Connection, query: FactQuery): number {
  const source = sourceOf(query);
  const where = allOf(filters(query));
  const sql = `SELECT count(*) AS count FROM ${source.sql} AND ${where.sql}`;
  return connection.first<{ count: number }>(sql, ...source.values, ...where.values)?.count ?? 0;
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
function sourceOf({ asOfMs }: FactQuery): Clause {
  if (asOfMs === undefined) return { sql: `fact WHERE ${LIVE.sql}`, values: LIVE.values };
  const sql = `(SELECT * FROM fact WHERE ${LIVE.sql} AND created_ms <= ?
    UNION ALL SELECT * FROM fact_past WHERE created_ms <= ? AND expired_ms > ?) WHERE true`;
  return { sql, values: [asOfMs, asOfMs, asOfMs] };
}

function filters({ entityId, direction = 'ANY', type, minConfidence }: FactQuery): readonly (Clause | undefined)[] {
  return [
    entityId === undefined ? undefined : touches(entityId, direction),
    type === undefined ? undefined : { sql: 'type = ?', values: [type] },
    minConfidence === undefined ? undefined : { sql: 'confidence >= ?', values: [minConfidence] },
  ];
}

function touches(entityId: string, direction: 'OUT' | 'IN' | 'ANY'): Clause {
  if (direction === 'OUT') return { sql: 'head_id = ?', values: [entityId] };
  if (direction === 'IN') return { sql: 'tail_id = ?', values: [entityId] };
  return { sql: '(head_id = ? OR tail_id = ?)', values: [entityId, entityId] };
}
