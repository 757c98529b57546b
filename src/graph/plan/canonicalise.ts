import { evidenceId, factId } from '../../domain/ids.ts';
import { distinct } from '../resolve/distinct.ts';
import { type Resolution, rootOf } from './resolution.ts';
import type { EntityRow, EvidenceRow, PlacedPost, ResolvedPost } from './rows.ts';
import type { DecidedRun } from './runs.ts';

/** What the decisions make of a post's rows; the post itself where they do not concern it. */
export function canonicalise(post: ResolvedPost, resolution: Resolution): ResolvedPost {
  const { redirects, rejected } = resolution;
  if (redirects.size === 0 && rejected.size === 0) return post;
  const evidence = post.evidence.map((row) => canonicalEvidence(row, resolution));
  const isMerged = post.entities.some(({ id }) => redirects.has(id));
  if (!isMerged && evidence.every((row, index) => row === post.evidence[index])) return post;
  const entities = new Map<string, EntityRow>();
  for (const entity of post.entities) {
    const root = redirects.get(entity.id)?.root ?? entity;
    entities.set(root.id, root);
  }
  return {
    ...post,
    mentions: post.mentions.map((row) => ({ ...row, entityId: rootOf(resolution, row.entityId) })),
    entities: [...entities.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    evidence: distinct(evidence.filter((row) => row !== undefined)),
  };
}

/** Evidence for the fact it speaks for after all decisions: none where both ends became one, or the fact was rejected. */
export function canonicalEvidence(row: EvidenceRow, resolution: Resolution): EvidenceRow | undefined {
  const ends = [rootOf(resolution, row.headId), rootOf(resolution, row.tailId)] as const;
  if (ends[0] === ends[1] || isRejected(row, resolution)) return undefined;
  if (ends[0] === row.headId && ends[1] === row.tailId) return row;
  const isTurned = row.symmetric === true && ends[0] > ends[1];
  const [headId, tailId] = isTurned ? [ends[1], ends[0]] : ends;
  const [headMentionId, tailMentionId] = isTurned
    ? [row.tailMentionId, row.headMentionId]
    : [row.headMentionId, row.tailMentionId];
  return {
    ...row,
    id: evidenceId(row.postId, headId, row.factType, tailId),
    factId: factId(headId, row.factType, tailId),
    headId,
    tailId,
    headMentionId,
    tailMentionId,
  };
}

/** Ids of the facts that evidence speaks for under any of the entities its ends have been. */
export function factsOnTheWay(row: EvidenceRow, { redirects }: Pick<Resolution, 'redirects'>): readonly string[] {
  const heads = redirects.get(row.headId)?.path ?? [row.headId];
  const tails = redirects.get(row.tailId)?.path ?? [row.tailId];
  return heads.flatMap((head) =>
    tails.flatMap((tail) => [
      factId(head, row.factType, tail),
      ...(row.symmetric ? [factId(tail, row.factType, head)] : []),
    ]),
  );
}

/** A run with its live posts as the decisions have them; what a post said itself is kept beside it. */
export function canonicalRun<R extends Pick<DecidedRun, 'accepted'>>(run: R, resolution: Resolution): R {
  const accepted = run.accepted.map((post) => ({ ...post, incoming: canonicalPost(post.incoming, resolution) }));
  return { ...run, accepted };
}

function canonicalPost(incoming: PlacedPost, resolution: Resolution): PlacedPost {
  if (incoming.standing !== 'live') return incoming;
  const { standing: _standing, parked: _parked, ...said } = incoming;
  const canonical = canonicalise(said, resolution);
  return canonical === said ? incoming : { ...incoming, ...canonical, parked: JSON.stringify(said) };
}

function isRejected(row: EvidenceRow, resolution: Resolution): boolean {
  const { rejected } = resolution;
  return rejected.size > 0 && factsOnTheWay(row, resolution).some((id) => rejected.has(id));
}
