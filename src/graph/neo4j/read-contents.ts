import type { ImageResult } from '../../domain/image.ts';
import type { EntityRow, EvidenceRow, MentionRow, PostRow, ResolvedPost } from '../plan/rows.ts';
import type { Run } from './client.ts';

interface StoredContent {
  readonly row: Omit<PostRow, 'deleted'>;
  readonly parked: string | null;
  readonly images: string;
  readonly mentions: readonly MentionRow[];
  readonly entities: readonly EntityRow[];
  readonly evidence: readonly EvidenceRow[];
}

/** Everything that live and hidden posts were stored with, by their ids. */
export async function readContents(run: Run, ids: readonly string[]): Promise<ReadonlyMap<string, ResolvedPost>> {
  if (ids.length === 0) return new Map();
  const rows = await run<StoredContent>(
    `UNWIND $ids AS id MATCH (p:Post {id: id})
     RETURN p {.id, .platform, .nativeId, .version, .generation, .contentHash, .text, .url, .lang, .authorId,
         .authorNativeId, .authorHandle, .authorName, .eventMs, .skipped, .extractor} AS row,
       p.parked AS parked, p.images AS images,
       COLLECT { MATCH (p)-[:HAS_MENTION]->(m:Mention)
         RETURN m {.id, .postId, .entityId, .start, .end, .text, .type, .p, .eventMs} ORDER BY m.id } AS mentions,
       COLLECT { MATCH (p)-[:HAS_MENTION]->(:Mention)-[:REFERS_TO]->(e:Entity)
         WITH DISTINCT e RETURN e {.id, .type, .normName} ORDER BY e.id } AS entities,
       COLLECT { MATCH (p)-[a:ASSERTS]->(f:Fact)
         RETURN a {.id, .factId, .postId, .headMentionId, .tailMentionId, .p, .eventMs, .extractor, .authorId,
           .sourceKey, .symmetric, factType: f.type, headId: f.headId, tailId: f.tailId} ORDER BY a.id } AS evidence`,
    { ids },
  );
  return new Map(rows.map((stored) => [stored.row.id, contentOf(stored)]));
}

function contentOf({ row, parked, images, ...rest }: StoredContent): ResolvedPost {
  if (parked !== null) return JSON.parse(parked) as ResolvedPost;
  const evidence = rest.evidence.map(({ symmetric, ...row }) => (symmetric ? { ...row, symmetric } : row));
  return { row: { ...row, deleted: false }, images: JSON.parse(images) as ImageResult[], ...rest, evidence };
}
