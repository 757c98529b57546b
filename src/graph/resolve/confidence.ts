import type { Fact } from '../../domain/graph.ts';
import { postOfSourceKey } from './source-key.ts';

/** What one live post says for a fact, as far as the fact's numbers depend on it. */
export interface Support {
  readonly postId: string;
  readonly authorId: string;
  readonly sourceKey: string;
  /** Epoch milliseconds. */
  readonly eventMs: number;
  /** Probability, 0 to 1. */
  readonly p: number;
}

/** The numbers of a fact that follow from its live evidence. */
export type FactNumbers = Pick<
  Fact,
  'confidence' | 'maxConfidence' | 'evidenceCount' | 'sourceCount' | 'authorCount' | 'firstSeenMs' | 'lastSeenMs'
>;

/** No evidence is certain: one piece of p = 1 would make every further source meaningless. */
const MOST_CERTAIN = 0.99;

/**
 * The numbers of a fact, in whatever order its evidence comes; undefined when there is none.
 *
 * Copies of one source are one group, represented by its earliest post, with the group's largest p. Groups whose
 * representatives share an author are one source. Confidence is the noisy-or over sources.
 */
export function factNumbers(evidence: readonly Support[]): FactNumbers | undefined {
  if (evidence.length === 0) return undefined;
  const sources = sourceProbabilities(evidence);
  const doubt = [...sources].sort((a, b) => a - b).reduce((product, p) => product * (1 - Math.min(p, MOST_CERTAIN)), 1);
  let [firstSeenMs, lastSeenMs, maxConfidence] = [Infinity, -Infinity, 0];
  for (const row of evidence) {
    firstSeenMs = Math.min(firstSeenMs, row.eventMs);
    lastSeenMs = Math.max(lastSeenMs, row.eventMs);
    maxConfidence = Math.max(maxConfidence, row.p);
  }
  return {
    confidence: 1 - doubt,
    maxConfidence,
    evidenceCount: evidence.length,
    sourceCount: sources.length,
    authorCount: new Set(evidence.map((row) => row.authorId)).size,
    firstSeenMs,
    lastSeenMs,
  };
}

/** Largest p of each independent source: one source for each author that represents a group. */
function sourceProbabilities(evidence: readonly Support[]): readonly number[] {
  const groupOf = groupKeys(evidence);
  const groups = new Map<string, { first: Support; p: number }>();
  for (const row of evidence) {
    const key = groupOf(row.sourceKey);
    const group = groups.get(key);
    const first = group && !isEarlier(row, group.first) ? group.first : row;
    groups.set(key, { first, p: Math.max(row.p, group?.p ?? 0) });
  }
  const byAuthor = new Map<string, number>();
  for (const { first, p } of groups.values()) {
    byAuthor.set(first.authorId, Math.max(p, byAuthor.get(first.authorId) ?? 0));
  }
  return [...byAuthor.values()];
}

function isEarlier(a: Support, b: Support): boolean {
  return a.eventMs < b.eventMs || (a.eventMs === b.eventMs && a.postId < b.postId);
}

/**
 * Joins the group of a repost with that of its root post when the root is evidence too: the root's own key comes from
 * its words, so the two would differ. A union-find, because a root may itself be a repost.
 */
function groupKeys(evidence: readonly Support[]): (key: string) => string {
  const keyOfPost = new Map(evidence.map((row) => [row.postId, row.sourceKey]));
  const parents = new Map<string, string>();
  const find = (key: string): string => {
    let root = key;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    return root;
  };
  for (const key of new Set(keyOfPost.values())) {
    const post = postOfSourceKey(key);
    const rootKey = post === undefined ? undefined : keyOfPost.get(post);
    if (rootKey === undefined) continue;
    const [a, b] = [find(key), find(rootKey)];
    if (a !== b) parents.set(a, b);
  }
  return find;
}
