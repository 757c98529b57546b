import {
  type FactLook,
  joinEnds,
  type Link,
  type LinkList,
  linkList,
  newestFirst,
  rowsLookedAt,
} from '../fact-look.ts';
import { LINK_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { factFilters } from './read-facts.ts';
import { allOf } from './where.ts';

/** What fits of what was looked at, newest first. */
type Seen = readonly (readonly [
  id: string,
  other: string,
  evidenceCount: number,
  lastSeenMs: number,
  createdMs: number,
])[];

/**
 * See `GraphReader.linksAround`. One statement reads all ends and gives each as JSON: rows of their own, thousands of
 * them, would take twice the time.
 */
export function linksAround(connection: Connection, entityIds: readonly string[], look: FactLook): readonly LinkList[] {
  const where = allOf(factFilters(look));
  // What is looked at is in order, and it is looked at only until enough of it fits.
  const end = (own: string, other: string) => `(SELECT json_group_array(json_array(id, ${other}, evidence_count,
      last_seen_ms, created_ms)) FROM (SELECT * FROM (${newestAt(own, 'json_each.value')}) WHERE ${where.sql} LIMIT ?))`;
  const values = [rowsLookedAt(look), ...where.values, look.limit + 1];
  const rows = connection.all<{ id: string; heads: string; tails: string }>(
    `SELECT json_each.value AS id, ${end('head_id', 'tail_id')} AS heads, ${end('tail_id', 'head_id')} AS tails
     FROM json_each(?) ORDER BY json_each.key`,
    ...values,
    ...values,
    JSON.stringify(entityIds),
  );
  const listOf = (id: string, own: 'head_id' | 'tail_id', json: string): LinkList => {
    const seen = JSON.parse(json) as Seen;
    const links = seen.map(([fact, other, evidenceCount, lastSeenMs, createdMs]) => {
      const ends = own === 'head_id' ? { headId: id, tailId: other } : { headId: other, tailId: id };
      return { id: fact, ...ends, evidenceCount, lastSeenMs, createdMs };
    });
    const isAll = seen.length > look.limit || where.values.length === 0;
    return linkList(look, links.sort(newestFirst), isAll ? seen.length : countAt(connection, own, id, look));
  };
  return rows.map(({ id, heads, tails }) => joinEnds(listOf(id, 'head_id', heads), listOf(id, 'tail_id', tails)));
}

function newestAt(own: string, id: string): string {
  return `SELECT * FROM fact WHERE expired_ms IS NULL AND ${own} = ${id} ORDER BY created_ms DESC, id LIMIT ?`;
}

/** How many facts were looked at of an end where few fit. */
function countAt(connection: Connection, own: 'head_id' | 'tail_id', id: string, look: FactLook): number {
  const from = `fact WHERE expired_ms IS NULL AND ${own} = ?`;
  const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${from} LIMIT ?)`;
  return connection.first<{ count: number }>(sql, id, rowsLookedAt(look))?.count ?? 0;
}

/** See `GraphReader.recentLinks`. */
export function recentLinks(connection: Connection, look: FactLook): LinkList {
  const rows = rowsLookedAt(look);
  const from = 'fact WHERE expired_ms IS NULL ORDER BY created_ms DESC, id LIMIT ?';
  const where = allOf(factFilters(look));
  if (where.values.length === 0) {
    const all = connection.all<Link>(`SELECT ${LINK_COLUMNS} FROM ${from}`, rows);
    return linkList(look, all, all.length);
  }
  const found = connection.all<Link>(
    `SELECT ${LINK_COLUMNS} FROM (SELECT * FROM ${from}) WHERE ${where.sql} ORDER BY created_ms DESC, id LIMIT ?`,
    rows,
    ...where.values,
    look.limit + 1,
  );
  return linkList(look, found, found.length > look.limit ? rows : countRows(connection, from, rows));
}

function countRows(connection: Connection, from: string, rows: number): number {
  return connection.first<{ count: number }>(`SELECT count(*) AS count FROM (SELECT 1 FROM ${from})`, rows)?.count ?? 0;
}
