import type { FactRow, Standing } from '../plan/rows.ts';
import { nextOf, type ScanPart, type ScanRequest, type ScanRows, standingPost } from '../scan.ts';
import { readMarks } from './apply-marks.ts';
import { ENTITY_COLUMNS, EVIDENCE_COLUMNS, FACT_COLUMNS, MENTION_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { readDecisions } from './decide.ts';
import { readContents } from './read-contents.ts';
import { postsById } from './read-posts.ts';

const AFTER = 'id > ? ORDER BY id LIMIT ?';

const SELECT: Readonly<Record<Exclude<ScanRequest['kind'], 'past' | 'decisions'>, string>> = {
  entities: `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${AFTER}`,
  facts: `SELECT ${FACT_COLUMNS} FROM fact WHERE expired_ms IS NULL AND ${AFTER}`,
  posts: `SELECT id FROM post WHERE +standing = 'live' AND ${AFTER}`,
  contents: `SELECT id, standing FROM post WHERE ${AFTER}`,
  marks: `SELECT subject_id AS id FROM marks WHERE subject_id > ? ORDER BY subject_id LIMIT ?`,
  mentions: `SELECT ${MENTION_COLUMNS} FROM mention WHERE ${AFTER}`,
  evidence: `SELECT ${EVIDENCE_COLUMNS} FROM evidence WHERE ${AFTER}`,
};

/** Up to `limit` rows of a kind that come after `after`. */
export function scan(
  connection: Connection,
  { kind, after, limit }: ScanRequest,
): ScanPart<ScanRows[ScanRequest['kind']]> {
  if (kind === 'past') return scanPast(connection, after, limit);
  if (kind === 'decisions') return { rows: readDecisions(connection), next: undefined };
  const rows = connection.all<{ id: string; standing: Standing }>(SELECT[kind], after, limit);
  const next = nextOf(rows, limit);
  const ids = rows.map(({ id }) => id);
  if (kind === 'marks') {
    return { rows: [...readMarks(connection, ids)].map(([id, marks]) => ({ id, marks })), next };
  }
  if (kind === 'posts') return { rows: postsById(connection, ids).filter((post) => post !== undefined), next };
  if (kind !== 'contents') return { rows: rows as unknown as readonly ScanRows[typeof kind][], next };
  const contents = readContents(connection, ids);
  return { rows: rows.flatMap(({ id, standing }) => standingPost(standing, contents.get(id))), next };
}

/** A fact may have several pasts, so their rows are followed instead of its id. */
function scanPast(connection: Connection, after: string, limit: number): ScanPart<FactRow> {
  const sql = `SELECT rowid AS row, ${FACT_COLUMNS}, expired_ms AS expiredMs FROM fact_past WHERE rowid > ?
    ORDER BY rowid LIMIT ?`;
  const found = connection.all<FactRow & { row: number }>(sql, Number(after), limit);
  const last = found.at(-1)?.row;
  const rows = found.map(({ row: _row, ...fact }) => fact);
  return { rows, next: found.length < limit || last === undefined ? undefined : String(last) };
}
