import { hash } from 'node:crypto';
import type { Extraction, Mention } from '../../domain/extraction.ts';
import { authorNodeId, evidenceId, factId, mentionNodeId, postNodeId } from '../../domain/ids.ts';
import type { ImageResult } from '../../domain/image.ts';
import type { Post, PostContent, Tombstone } from '../../domain/post.ts';
import { isVersion } from '../../domain/version.ts';
import { GrapevineError } from '../../errors.ts';
import type { EntityRow, EvidenceRow, MentionRow, PostRow, ResolvedPost } from '../plan/rows.ts';
import { distinct } from './distinct.ts';
import { entityKeyOf } from './entity-key.ts';
import { sourceKey } from './source-key.ts';
import { storable } from './storable.ts';

/**
 * The rows an extraction puts into the graph. A tombstone yields a post row without content.
 *
 * @throws {GRAPH_REJECTED} when the record is an event or contradicts itself: a version, time or mention that does not exist.
 */
export function resolvePost(extraction: Extraction): ResolvedPost {
  const { post } = extraction;
  if (post.event) throw new GrapevineError('GRAPH_REJECTED', `storing ${post.event}: it is an event, not a post`);
  if (post.deleted) return tombstone(extraction, post);
  const mentions = new Map<number, MentionRow>();
  const entities = new Map<string, EntityRow>();
  const row = postRow(extraction, post);
  for (const mention of extraction.mentions) {
    const entity = entityKeyOf(mention.type, mention.text);
    entities.set(entity.id, entity);
    mentions.set(mention.id, mentionRow(row, mention, entity));
  }
  const content = {
    images: extraction.images.map(imageRow),
    mentions: distinct([...mentions.values()]),
    evidence: distinct(evidenceRows(extraction, row, sourceKey(post), mentions)),
  };
  return {
    row: { ...row, contentHash: hashOf([row, { ...content, evidence: content.evidence.map(withoutSymmetry) }]) },
    entities: [...entities.values()].sort(byId),
    ...content,
  };
}

/** With its keys in one order, because the content hash covers it. */
function imageRow({ source, sha256, outcome, regions }: ImageResult): ImageResult {
  return {
    source: storable(source),
    ...(sha256 === undefined ? {} : { sha256 }),
    outcome,
    ...(regions && { regions }),
  };
}

function postRow(extraction: Extraction, post: Post): PostRow {
  const eventMs = Date.parse(post.createdAt);
  if (Number.isNaN(eventMs)) throw refused(extraction, `its time is ${JSON.stringify(post.createdAt)}`);
  return {
    ...identity(extraction, post),
    version: plainVersion(extraction, post.version),
    deleted: false,
    text: storable(post.text),
    url: optional(post.url),
    lang: optional(post.lang),
    authorId: authorNodeId(post.platform, post.author.id),
    authorNativeId: storable(post.author.id),
    authorHandle: optional(post.author.handle),
    authorName: optional(post.author.name),
    eventMs,
    skipped: extraction.skipped ?? null,
  };
}

function tombstone(extraction: Extraction, post: Tombstone): ResolvedPost {
  const { version } = post;
  const row: PostRow = {
    ...identity(extraction, post),
    nativeId: '',
    version: version === undefined ? null : plainVersion(extraction, version),
    deleted: true,
    text: '',
    url: null,
    lang: null,
    authorId: null,
    authorNativeId: null,
    authorHandle: null,
    authorName: null,
    eventMs: null,
    skipped: null,
  };
  return { row, images: [], mentions: [], entities: [], evidence: [] };
}

function identity({ extractor }: Extraction, post: PostContent) {
  return {
    id: postNodeId(post.platform, post.id),
    platform: storable(post.platform),
    nativeId: storable(post.id),
    generation: extractor.generation,
    extractor: `${extractor.bundle}/${extractor.generation}`,
    contentHash: '',
  };
}

function mentionRow(post: PostRow, mention: Mention, entity: EntityRow): MentionRow {
  const { start, end, type, p } = mention;
  const id = mentionNodeId(post.id, start, end, type);
  const text = storable(mention.text);
  return { id, postId: post.id, entityId: entity.id, start, end, text, type, p, eventMs: post.eventMs ?? 0 };
}

function evidenceRows(
  extraction: Extraction,
  post: PostRow,
  source: string,
  mentions: ReadonlyMap<number, MentionRow>,
) {
  const rows: EvidenceRow[] = [];
  for (const relation of extraction.relations) {
    let [head, tail] = [mentions.get(relation.head), mentions.get(relation.tail)];
    if (!head || !tail) throw refused(extraction, `a relation names mention ${relation.head} or ${relation.tail}`);
    if (head.entityId === tail.entityId) continue;
    if (relation.symmetric && head.entityId > tail.entityId) [head, tail] = [tail, head];
    rows.push({
      id: evidenceId(post.id, head.entityId, relation.type, tail.entityId),
      factId: factId(head.entityId, relation.type, tail.entityId),
      factType: relation.type,
      headId: head.entityId,
      tailId: tail.entityId,
      postId: post.id,
      headMentionId: head.id,
      tailMentionId: tail.id,
      p: relation.p,
      eventMs: post.eventMs ?? 0,
      extractor: post.extractor,
      authorId: post.authorId ?? '',
      sourceKey: source,
      ...(relation.symmetric && { symmetric: true as const }),
    });
  }
  return rows;
}

/** The hash is that of earlier Grapevines, which did not keep this. */
function withoutSymmetry({ symmetric: _symmetric, ...row }: EvidenceRow) {
  return row;
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function optional(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}

function plainVersion(extraction: Extraction, version: string): string {
  if (!isVersion(version)) throw refused(extraction, `its version is ${JSON.stringify(version)}`);
  return version.replace(/^0+(?=\d)/, '');
}

function hashOf(content: unknown): string {
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 32);
}

function refused({ post }: Extraction, found: string): GrapevineError {
  const name = JSON.stringify(`${post.platform}:${post.id}`);
  return new GrapevineError('GRAPH_REJECTED', `storing post ${name}: ${found}, which cannot be; extract it again`);
}
