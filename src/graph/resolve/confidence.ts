import type { Fact } from '../../domain/graph.ts';
import { postOfSourceKey, postSourceKey } from './source-key.ts';

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

/** Weights are whole numbers of this part of a nat: their sums are exact, whatever the order. */
const PER_NAT = 1e8;

const NO_RANGE = { maxConfidence: 0, firstSeenMs: Infinity, lastSeenMs: -Infinity };

interface Group {
  /** The earliest post, whose author is the group's. */
  readonly first: Support;
  readonly p: number;
}

/**
 * The evidence of one fact while it changes.
 *
 * Copies of one source are one group, represented by its earliest post, with the group's largest p. Groups whose
 * representatives share an author are one source. Confidence is the noisy-or over sources, exact to 10⁻⁸ nats a source and
 * the same in any order. One more piece of evidence
 * costs little; what regroups the others is counted anew when the numbers are asked for.
 */
export class FactTally {
  readonly #rows = new Map<string, Support>();
  readonly #groups = new Map<string, Group>();
  /** Largest p of each source, by its author. */
  readonly #sources = new Map<string, number>();
  readonly #authors = new Set<string>();
  /** Weight of all sources. */
  #weight = 0;
  #range = NO_RANGE;
  #isStale = true;

  constructor(evidence: readonly Support[]) {
    for (const row of evidence) this.#rows.set(row.postId, row);
  }

  /** Takes the evidence of a post, in place of what it said before. */
  set(row: Support): void {
    const isNew = !this.#rows.has(row.postId);
    this.#rows.set(row.postId, row);
    if (!this.#isStale) this.#isStale = !isNew || this.#regroups(row) || !this.#add(row.sourceKey, row);
  }

  /** Drops the evidence of a post. */
  delete(postId: string): void {
    if (this.#rows.delete(postId)) this.#isStale = true;
  }

  /** All evidence. */
  rows(): readonly Support[] {
    return [...this.#rows.values()];
  }

  /** The numbers that follow; undefined when there is no evidence. */
  numbers(): FactNumbers | undefined {
    if (this.#rows.size === 0) return undefined;
    if (this.#isStale) this.#recount();
    return {
      confidence: confidenceOf(this.#weight),
      ...this.#range,
      evidenceCount: this.#rows.size,
      sourceCount: this.#sources.size,
      authorCount: this.#authors.size,
    };
  }

  #recount(): void {
    this.#groups.clear();
    this.#sources.clear();
    this.#authors.clear();
    this.#weight = 0;
    this.#range = NO_RANGE;
    const groupOf = groupKeys(this.#rows);
    // In time order the first of a group is its representative, so that nothing added later displaces it.
    for (const row of [...this.#rows.values()].sort(byTime)) this.#add(groupOf(row.sourceKey), row);
    this.#isStale = false;
  }

  /** Adds a row to a group. False when it became the group's representative in place of another. */
  #add(key: string, row: Support): boolean {
    const group = this.#groups.get(key);
    if (group && byTime(row, group.first) < 0) return false;
    const first = group?.first ?? row;
    this.#groups.set(key, { first, p: Math.max(row.p, group?.p ?? 0) });
    const known = this.#sources.get(first.authorId) ?? 0;
    if (row.p > known) this.#weight += weightOf(row.p) - weightOf(known);
    this.#sources.set(first.authorId, Math.max(row.p, known));
    this.#authors.add(row.authorId);
    const { maxConfidence, firstSeenMs, lastSeenMs } = this.#range;
    this.#range = {
      maxConfidence: Math.max(maxConfidence, row.p),
      firstSeenMs: Math.min(firstSeenMs, row.eventMs),
      lastSeenMs: Math.max(lastSeenMs, row.eventMs),
    };
    return true;
  }

  /** True when a repost and its root post are both there now: their groups may have to be joined. */
  #regroups(row: Support): boolean {
    const root = postOfSourceKey(row.sourceKey);
    const isRepost = root !== undefined && root !== row.postId && this.#rows.has(root);
    return isRepost || this.#groups.has(postSourceKey(row.postId));
  }
}

/** What a source of this probability adds to a fact: −ln(1 − p) in 10⁻⁸ nats, a whole number. */
export function weightOf(p: number): number {
  return Math.round(-Math.log1p(-Math.min(p, MOST_CERTAIN)) * PER_NAT);
}

const DIGITS = 1e7;
/** However many sources there are, nothing is certain. */
const MOST = 1 - 1 / DIGITS;

/** The noisy-or of sources with this sum of weights, 1 − exp(−sum), to seven digits: one source of 0.8 gives 0.8. */
export function confidenceOf(weight: number): number {
  return Math.min(MOST, Math.round(-Math.expm1(-weight / PER_NAT) * DIGITS) / DIGITS);
}

function byTime(a: Support, b: Support): number {
  return a.eventMs - b.eventMs || (a.postId < b.postId ? -1 : a.postId > b.postId ? 1 : 0);
}

/**
 * Joins the group of a repost with that of its root post when the root is evidence too: the root's own key comes from
 * its words, so the two would differ. A union-find, because a root may itself be a repost. The key that it gives for a
 * group is one of the group's, of the rows' keys or of `keys`.
 */
export function groupKeys(
  rows: ReadonlyMap<string, Pick<Support, 'sourceKey'>>,
  keys: ReadonlySet<string> = new Set([...rows.values()].map((row) => row.sourceKey)),
): (key: string) => string {
  const parents = new Map<string, string>();
  const find = (key: string): string => {
    let root = key;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    return root;
  };
  for (const key of keys) {
    const post = postOfSourceKey(key);
    const rootKey = post === undefined ? undefined : rows.get(post)?.sourceKey;
    if (rootKey === undefined) continue;
    const [a, b] = [find(key), find(rootKey)];
    if (a !== b) parents.set(a, b);
  }
  return find;
}
