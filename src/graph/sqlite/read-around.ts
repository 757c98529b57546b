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

/** What was read at an end: how many facts were looked at, and of those that fit id, other end, evidence and times. */
type Seen = readonly [
  looked: number,
  facts: readonly (readonly [
    id: string,
    other: string,
    evidenceCount: number,
    lastSeenMs: number,
    createdMs: number,
  ])[],
];

/**
 * See `GraphReader.linksAround`. One statement reads all ends and gives each as JSON: rows of their own, thousands of
 * them, would take twice the time.
 */
export function linksAround(connection: Connection, entityIds: readonly string[], look: FactLook): readonly LinkList[] {
  const where = allOf(factFilters(look));
  const end = (own: string, other: string) => `(SELECT json_array(count(*),
      json_group_array(json_array(id, ${other}, evidence_count, last_seen_ms, created_ms)) FILTER (WHERE ${where.sql}))
    FROM (SELECT * FROM fact WHERE expired_ms IS NULL AND ${own} = json_each.value ORDER BY created_ms DESC, id LIMIT ?))`;
  const values = [...where.values, rowsLookedAt(look)];
  const rows = connection.all<{ id: string; heads: string; tails: string }>(
    `SELECT json_each.value AS id, ${end('head_id', 'tail_id')} AS heads, ${end('tail_id', 'head_id')} AS tails
     FROM json_each(?) ORDER BY json_each.key`,
    ...values,
    ...values,
    JSON.stringify(entityIds),
  );
  return rows.map(({ id, heads, tails }) =>
    joinEnds(
      listOf(look, heads, (other) => ({ headId: id, tailId: other })),
      listOf(look, tails, (other) => ({ headId: other, tailId: id })),
    ),
  );
}

function listOf(look: FactLook, json: string, endsOf: (other: string) => Pick<Link, 'headId' | 'tailId'>): LinkList {
  const [looked, facts] = JSON.parse(json) as Seen;
  const links = facts.map(([id, other, evidenceCount, lastSeenMs, createdMs]) => {
    return { id, ...endsOf(other), evidenceCount, lastSeenMs, createdMs };
  });
  return linkList(look, links.sort(newestFirst), looked);
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
