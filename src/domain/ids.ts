import { hash } from 'node:crypto';

/**
 * Hash of a list of strings as 32 hex digits. Parts are length-prefixed, so `['ab', 'c']` and `['a', 'bc']` differ.
 */
function digestOf(parts: readonly string[]): string {
  // In one call: what a post brings has some twenty ids, and an object for each hash took longer than the hashing.
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** Graph id of a post. */
export function postNodeId(platform: string, id: string): string {
  return `post_${digestOf([platform, id])}`;
}

/** Graph id of an author. */
export function authorNodeId(platform: string, id: string): string {
  return `author_${digestOf([platform, id])}`;
}

/** Graph id of the entity a surface form stands for under one version of the normalisation. */
export function entityId(type: string, normName: string, normVersion: number): string {
  return `ent_${digestOf([type, normName, String(normVersion)])}`;
}

/** Graph id of a fact between two canonical entities. */
export function factId(head: string, relation: string, tail: string): string {
  return `fact_${digestOf([head, relation, tail])}`;
}

/** Graph id of one mention of a post. */
export function mentionNodeId(postId: string, start: number, end: number, type: string): string {
  return `men_${digestOf([postId, String(start), String(end), type])}`;
}

/** Graph id of the evidence that one post gives for one fact. */
export function evidenceId(postId: string, head: string, relation: string, tail: string): string {
  return `ev_${digestOf([postId, head, relation, tail])}`;
}

/** Key of an outbox row: the same cause always yields the same key, so a replay adds no event. */
export function eventKey(kind: string, subjectId: string, postId: string, version: string): string {
  return `evt_${digestOf([kind, subjectId, postId, version])}`;
}

/** Id of a decision that a file or a score took, not a person: the same cause always yields the same id. */
export function derivedDecisionId(origin: 'alias' | 'auto', parts: readonly string[]): string {
  return `${origin}_${digestOf(parts)}`;
}
