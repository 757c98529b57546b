import type { Decision } from '../domain/decision.ts';
import type { Fact } from '../domain/graph.ts';
import { decodeMarks } from './plan/marks.ts';
import type { EvidenceRow, MentionRow, PostRow, Standing } from './plan/rows.ts';

/** A line about a post: its state, no content. */
export function postLine(
  post: Pick<PostRow, 'id' | 'version' | 'skipped'> & { readonly standing: Standing },
  outcomes: readonly string[],
): string {
  const { id, version, skipped, standing } = post;
  const state = standing === 'blanked' ? 'deleted' : standing;
  return JSON.stringify({ line: 'post', id, version, state, pictures: outcomes, skipped });
}

/** A line about a mention. */
export function mentionLine(row: Pick<MentionRow, 'id' | 'postId' | 'start' | 'end' | 'type' | 'entityId'>): string {
  const { id, postId: post, start, end, type, entityId: entity } = row;
  return JSON.stringify({ line: 'mention', id, post, start, end, type, entity });
}

/** A line about a piece of evidence. */
export function evidenceLine(row: Pick<EvidenceRow, 'id' | 'postId' | 'factId' | 'headId' | 'tailId'>): string {
  const { id, postId: post, factId: fact, headId: head, tailId: tail } = row;
  return JSON.stringify({ line: 'evidence', id, post, fact, head, tail });
}

/** A line about a live fact: counts and event times, no scores and no system time. */
export function factLine(fact: Omit<Fact, 'confidence' | 'maxConfidence' | 'createdMs'>): string {
  const { id, evidenceCount, sourceCount, authorCount, firstSeenMs, lastSeenMs } = fact;
  const counts = { evidence: evidenceCount, sources: sourceCount, authors: authorCount };
  return JSON.stringify({ line: 'fact', id, ...counts, first: firstSeenMs, last: lastSeenMs });
}

/** A line about a deletion; version null means that it acts on all versions. */
export function tombstoneLine(post: Pick<PostRow, 'id' | 'version'>): string {
  return JSON.stringify({ line: 'tombstone', post: post.id, version: post.version });
}

/** A line about what a platform said of a post or an account beside content. @param marks as `encodeMarks` gives them */
export function marksLine({ id, marks }: { readonly id: string; readonly marks: string }): string {
  return JSON.stringify({ line: 'marks', id, ...decodeMarks(marks) });
}

/** A line about a decision: no reason and no system time. */
export function decisionLine({ reason: _reason, atMs: _atMs, ...ruling }: Decision): string {
  return JSON.stringify({ line: 'decision', ...ruling });
}
