import type { Spike } from '../domain/graph.ts';

/** When mentions are so many that it is a spike. */
export interface SpikeTest {
  /** Time in which mentions are counted, and which a bucket of the baseline is long. */
  readonly bucketMs: number;
  /** Buckets before it that say what is usual. */
  readonly buckets: number;
  readonly method: (typeof SPIKE_METHODS)[number];
  /** The score from which on it is one. */
  readonly threshold: number;
  /** Fewer mentions are none, however unusual. */
  readonly minCount: number;
}

/** Mentions of one entity, or one pair, by steps of time that posts were published in. */
export interface Counts {
  /** How long a step is; where it is not that of the rule, the rule was changed and the counts are of no use. */
  readonly stepMs: number;
  /** Number of a step and its mentions, ascending; steps without any are left out. */
  readonly steps: readonly (readonly [number, number])[];
  /** When the last mention beyond the threshold was published, epoch milliseconds. */
  readonly aboveMs: number | null;
}

/** What mentions come to. */
export interface SpikeFinding extends Spike {
  /** Beyond the threshold, with a baseline that was counted from its start. */
  readonly isAbove: boolean;
  /** How near it came: 2 and more where both the number and the score suffice. */
  readonly nearness: number;
  /** Why it is no spike; empty where it is one. */
  readonly why: readonly string[];
}

export const SPIKE_METHODS = ['zscore', 'ratio'] as const;

/** The bucket slides by these parts of it: one that begins with the hour would miss what happens around it. */
const STEPS_PER_BUCKET = 6;

/** How long a mention matters. */
export function spanOf({ bucketMs, buckets }: SpikeTest): number {
  return bucketMs * (buckets + 1);
}

/** The counts with one more mention; undefined where it is too old to matter. @param atMs when the post was published */
export function addMention(counts: Counts | undefined, test: SpikeTest, atMs: number): Counts | undefined {
  const stepMs = test.bucketMs / STEPS_PER_BUCKET;
  const { steps, aboveMs } = counts?.stepMs === stepMs ? counts : { steps: [], aboveMs: null };
  const step = Math.floor(atMs / stepMs);
  const newest = Math.max(step, steps.at(-1)?.[0] ?? step);
  const oldest = firstStep(test, newest);
  if (step < oldest) return undefined;
  const numbers = new Map(steps.filter(([one]) => one >= oldest));
  numbers.set(step, (numbers.get(step) ?? 0) + 1);
  return { stepMs, steps: [...numbers].sort(([a], [b]) => a - b), aboveMs };
}

/**
 * Whether the mentions of the newest bucket are a spike: whether they are at least `minCount`, and their score reaches the
 * threshold. The score is how many times the usual number they are (`ratio`), or how many standard deviations above it
 * (`zscore`). A deviation is at least that of a Poisson process with the same mean, and one mention: of what is hardly ever
 * mentioned three mentions are no spike.
 *
 * @param sinceMs since when mentions are known, epoch milliseconds: before a whole baseline lies after it nothing is unusual
 */
export function judge({ steps, stepMs }: Counts, test: SpikeTest, sinceMs: number): SpikeFinding {
  const { buckets, method, threshold, minCount } = test;
  const newest = steps.at(-1)?.[0] ?? 0;
  const counts = Array.from({ length: buckets + 1 }, () => 0);
  for (const [step, count] of steps) {
    const bucket = Math.floor((newest - step) / STEPS_PER_BUCKET);
    counts[bucket] = (counts[bucket] ?? 0) + count;
  }
  const [mentions = 0, ...baseline] = counts;
  const mean = baseline.reduce((sum, count) => sum + count, 0) / buckets;
  const deviation = Math.sqrt(baseline.reduce((sum, count) => sum + (count - mean) ** 2, 0) / buckets);
  const zscore = (mentions - mean) / Math.max(deviation, Math.sqrt(mean), 1);
  const score = method === 'ratio' ? mentions / Math.max(mean, 1) : zscore;
  const fullMs = sinceMs + (newest - firstStep(test, newest)) * stepMs;
  const isFull = firstStep(test, newest) * stepMs >= sinceMs;
  const why = [
    ...(mentions < minCount ? [`mentions are ${mentions}, not gte ${minCount}`] : []),
    ...(score < threshold ? [`${method} is ${rounded(score)}, not gte ${threshold}`] : []),
    ...(isFull ? [] : [`the baseline is not full before ${new Date(fullMs).toISOString()}`]),
  ];
  const nearness = Math.min(mentions / minCount, 1) + Math.min(Math.max(score, 0) / threshold, 1) + (isFull ? 1 : 0);
  return { mentions, usual: rounded(mean), isAbove: why.length === 0, nearness, why };
}

/** True where what is above now is news: a spike has an end when nothing was above for a bucket. */
export function isOnset({ aboveMs }: Counts, { bucketMs }: SpikeTest, atMs: number): boolean {
  return aboveMs === null || atMs - aboveMs >= bucketMs;
}

function firstStep({ buckets }: SpikeTest, newest: number): number {
  return newest + 1 - STEPS_PER_BUCKET * (buckets + 1);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
