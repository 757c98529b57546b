import type { EntityRow, EvidenceRow, MentionRow, PostRow, ResolvedPost } from '../plan/rows.ts';
import type { Connection } from './connection.ts';
import { imagesOf } from './read-posts.ts';
import { isAmong } from './where.ts';

type StoredRow = Omit<PostRow, 'deleted'> & { parked: string | null };

/** Everything that live and hidden posts were stored with, by their ids. */
export function readContents(connection: Connection, ids: readonly string[]): ReadonlyMap<string, ResolvedPost> {
  if (ids.length === 0) return new Map();
  const list = JSON.stringify(ids);
  const rows = connection.all<StoredRow>(
    `SELECT id, platform, native_id AS nativeId, version, generation, content_hash AS contentHash, text, url, lang,
       author_id AS authorId, author_native_id AS authorNativeId, author_handle AS authorHandle,
       author_name AS authorName, event_ms AS eventMs, skipped, extractor, parked FROM post WHERE ${isAmong('id')}`,
    list,
  );
  const images = imagesOf(connection, ids);
  const mentions = byPost(
    connection.all<MentionRow & { normName: string }>(
      `SELECT mention.id, post_id AS postId, entity_id AS entityId, start, "end", text, mention.type, p,
         event_ms AS eventMs, norm_name AS normName
       FROM mention JOIN entity ON entity.id = entity_id WHERE ${isAmong('post_id')} ORDER BY mention.id`,
      list,
    ),
  );
  const evidence = byPost(
    connection.all<Omit<EvidenceRow, 'symmetric'> & { symmetric: number }>(
      `SELECT ${EVIDENCE_COLUMNS_OF}, fact.type AS factType, head_id AS headId, tail_id AS tailId
       FROM evidence JOIN fact ON fact.id = fact_id WHERE ${isAmong('post_id')} ORDER BY evidence.id`,
      list,
    ),
  );
  return new Map(
    rows.map(({ parked, ...row }) => {
      if (parked !== null) return [row.id, JSON.parse(parked) as ResolvedPost];
      const said = mentions.get(row.id) ?? [];
      const content = { images: images.get(row.id) ?? [], evidence: (evidence.get(row.id) ?? []).map(evidenceOf) };
      return [row.id, { row: { ...row, deleted: false }, ...content, ...named(said) }];
    }),
  );
}

const EVIDENCE_COLUMNS_OF = `evidence.id, fact_id AS factId, post_id AS postId, head_mention_id AS headMentionId,
  tail_mention_id AS tailMentionId, p, event_ms AS eventMs, extractor, author_id AS authorId,
  source_key AS sourceKey, symmetric`;

function evidenceOf({ symmetric, ...row }: Omit<EvidenceRow, 'symmetric'> & { symmetric: number }): EvidenceRow {
  return symmetric ? { ...row, symmetric: true } : row;
}

function named(rows: readonly (MentionRow & { normName: string })[]) {
  const entities = new Map<string, EntityRow>();
  for (const { entityId: id, type, normName } of rows) entities.set(id, { id, type, normName });
  return { mentions: rows.map(({ normName: _normName, ...row }) => row), entities: [...entities.values()].sort(byId) };
}

function byPost<T extends { postId: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const posts = new Map<string, T[]>();
  for (const row of rows) posts.set(row.postId, [...(posts.get(row.postId) ?? []), row]);
  return posts;
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
