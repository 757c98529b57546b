import { nextOf, type ScanPart, type ScanRequest, type ScanRows } from '../scan.ts';
import { ENTITY_COLUMNS, EVIDENCE_COLUMNS, FACT_COLUMNS, MENTION_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { postsById } from './read-posts.ts';

const AFTER = 'id > ? ORDER BY id LIMIT ?';

const SELECT: Readonly<Record<ScanRequest['kind'], string>> = {
  entities: `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${AFTER}`,
  facts: `SELECT ${FACT_COLUMNS} FROM fact WHERE expired_ms IS NULL AND ${AFTER}`,
  posts: `SELECT id FROM post WHERE standing = 'live' AND ${AFTER}`,
  mentions: `SELECT ${MENTION_COLUMNS} FROM mention WHERE ${AFTER}`,
  evidence: `SELECT ${EVIDENCE_COLUMNS} FROM evidence WHERE ${AFTER}`,
};

/** Up to `limit` live rows of a kind whose ids come after `after`. */
export function scan(
  connection: Connection,
  { kind, after, limit }: ScanRequest,
): ScanPart<ScanRows[ScanRequest['kind']]> {
  const rows = connection.all<ScanRows[typeof kind]>(SELECT[kind], after, limit);
  const next = nextOf(rows, limit);
  if (kind !== 'posts') return { rows, next };
  const posts = postsById(
    connection,
    rows.map(({ id }) => id),
  );
  return { rows: posts.filter((post) => post !== undefined), next };
}
