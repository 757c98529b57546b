import type { Decision } from '../../domain/decision.ts';
import type { Fact, GraphEvent } from '../../domain/graph.ts';
import {
  decisionLine,
  evidenceLine,
  factLine,
  marksLine,
  mentionLine,
  postLine,
  tombstoneLine,
} from '../digest-lines.ts';
import type { GraphStats } from '../graph-reader.ts';
import type { EvidenceRow, MentionRow, PostRow, PostState } from '../plan/rows.ts';
import { EVIDENCE_COLUMNS, FACT_COLUMNS, MENTION_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { eventOf, type OutboxRow } from './outbox.ts';

/** Types in use, sorted. */
export function types(connection: Connection): { entities: readonly string[]; relations: readonly string[] } {
  return { entities: distinctTypes(connection, 'entity', ''), relations: distinctTypes(connection, 'fact', LIVE) };
}

const LIVE = 'expired_ms IS NULL AND';

/** Goes from one type to the next in the index, past all rows of one. */
function distinctTypes(connection: Connection, table: 'entity' | 'fact', where: string): readonly string[] {
  const next = (after: string) => `SELECT min(type) FROM ${table} WHERE ${where} type > ${after}`;
  const rows = connection.all<{ type: string }>(
    `WITH RECURSIVE found (type) AS (SELECT (${next("''")}) UNION ALL SELECT (${next('found.type')}) FROM found
       WHERE found.type IS NOT NULL)
     SELECT type FROM found WHERE type IS NOT NULL`,
  );
  return rows.map(({ type }) => type);
}

/** Sizes that were counted, and of which state of the file. */
const counted = new WeakMap<Connection, { readonly version: number; readonly sizes: GraphStats }>();

/** Sizes of the live graph. They take a look at every index entry, so those of an unchanged file are remembered. */
export function stats(connection: Connection): GraphStats {
  const version = connection.first<{ version: number }>(
    'SELECT data_version AS version FROM pragma_data_version',
  )?.version;
  const known = counted.get(connection);
  if (version !== undefined && known?.version === version) return known.sizes;
  const sizes = count(connection);
  if (version !== undefined) counted.set(connection, { version, sizes });
  return sizes;
}

function count(connection: Connection): GraphStats {
  return connection.first<GraphStats>(
    `SELECT (SELECT count(*) FROM post WHERE standing = 'live') AS posts, (SELECT count(*) FROM entity) AS entities,
       (SELECT count(*) FROM fact WHERE expired_ms IS NULL) AS facts, (SELECT coalesce(sum(mention_count), 0) FROM entity) AS mentions`,
  ) as GraphStats;
}

/** Events after a position, in order. */
export function eventsAfter(connection: Connection, position: number, limit: number): readonly GraphEvent[] {
  const sql = 'SELECT position, event FROM outbox WHERE position > ? ORDER BY position LIMIT ?';
  return connection.all<OutboxRow>(sql, position, limit).map(eventOf);
}

/** Sections of the digest in their order. */
export const DIGEST_SECTIONS = ['posts', 'mentions', 'evidence', 'facts', 'tombstones', 'marks', 'decisions'] as const;

/** Part of the digest's lines: those of one section after an id, and the id to go on from. */
export interface DigestPart {
  readonly lines: readonly string[];
  readonly last: string | undefined;
}

type PostDigestRow = Pick<PostRow, 'id' | 'version' | 'skipped'> &
  Pick<PostState, 'standing'> & { outcomes: string | null };
type EvidenceDigestRow = Pick<EvidenceRow, 'id' | 'postId' | 'factId' | 'headId' | 'tailId'>;

const READERS: Readonly<
  Record<(typeof DIGEST_SECTIONS)[number], (c: Connection, after: string, limit: number) => DigestPart>
> = {
  posts: section<PostDigestRow>(
    `SELECT id, version, standing, skipped, (SELECT json_group_array(outcome ORDER BY position) FROM image
       WHERE post_id = post.id) AS outcomes FROM post WHERE id > ? ORDER BY id LIMIT ?`,
    (row) => postLine(row, JSON.parse(row.outcomes ?? '[]') as string[]),
  ),
  mentions: section<MentionRow>(`SELECT ${MENTION_COLUMNS} FROM mention WHERE id > ? ORDER BY id LIMIT ?`, mentionLine),
  evidence: section<EvidenceDigestRow>(
    `SELECT ${EVIDENCE_COLUMNS}, (SELECT head_id FROM fact WHERE id = fact_id) AS headId,
       (SELECT tail_id FROM fact WHERE id = fact_id) AS tailId FROM evidence WHERE id > ? ORDER BY id LIMIT ?`,
    evidenceLine,
  ),
  facts: section<Fact>(
    `SELECT ${FACT_COLUMNS} FROM fact WHERE expired_ms IS NULL AND id > ? ORDER BY id LIMIT ?`,
    factLine,
  ),
  tombstones: section<PostDigestRow>(
    "SELECT id, version FROM post WHERE standing = 'deleted' AND id > ? ORDER BY id LIMIT ?",
    tombstoneLine,
  ),
  marks: section<{ id: string; marks: string }>(
    'SELECT subject_id AS id, marks FROM marks WHERE subject_id > ? ORDER BY subject_id LIMIT ?',
    marksLine,
  ),
  decisions: section<{ id: string; decision: string }>(
    'SELECT id, decision FROM decision WHERE id > ? ORDER BY id LIMIT ?',
    (row) => decisionLine(JSON.parse(row.decision) as Decision),
  ),
};

/** Up to `limit` lines of a section whose ids come after `after`. */
export function digestPart(
  connection: Connection,
  request: { readonly section: (typeof DIGEST_SECTIONS)[number]; readonly after: string; readonly limit: number },
): DigestPart {
  return READERS[request.section](connection, request.after, request.limit);
}

function section<T extends { id: string }>(sql: string, line: (row: T) => string) {
  return (connection: Connection, after: string, limit: number): DigestPart => {
    const rows = connection.all<T>(sql, after, limit);
    return { lines: rows.map(line), last: rows.length < limit ? undefined : rows.at(-1)?.id };
  };
}
