// Made-up posts whose sizes are those of real ones: docs/performance.md says where the numbers come from.
import type { Box } from '../../src/domain/image.ts';
import type { GivenPair } from '../../src/domain/model-input.ts';
import { Random } from './random.ts';
import { mean, quantile } from './statistics.ts';

/** A post as the benchmark feeds it. */
export interface BenchPost {
  /** One word piece each. */
  readonly words: readonly string[];
  readonly pairs: readonly GivenPair[];
  /** Which picture file, an index into the picture pool. */
  readonly picture: number;
  /** Three parts of the picture, in shares of its sides. */
  readonly regions: readonly Box[];
}

/** What an average post of a corpus asks of the model. */
export interface Demand {
  /** Pieces of the tagger's row, [CLS] and [SEP] included. */
  readonly nerPieces: number;
  /** Pieces of all rows of the relation classifier. */
  readonly rePieces: number;
  readonly pairs: number;
}

/** Pieces that markers of a pair add to a row. */
export const MARKERS = 4;
/** [CLS] and [SEP]. */
export const SPECIALS = 2;
/** Posts of one lap; after it the same texts come again, with pictures that count as new. */
export const LAP = 240;

/** Lengths in pieces, [CLS] and [SEP] included, of the texts of three public sets: how many there are, and their quantiles. */
const LENGTHS: readonly {
  readonly texts: number;
  readonly at: readonly number[];
  readonly pieces: readonly number[];
}[] = [
  { texts: 8257, at: [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1], pieces: [6, 25, 37, 43, 49, 57, 61, 74] },
  { texts: 4819, at: [0, 0.25, 0.5, 0.75, 0.95, 1], pieces: [6, 15, 20, 25, 31, 56] },
  { texts: 15485, at: [0, 0.25, 0.5, 0.75, 0.95, 1], pieces: [8, 22.5, 27.5, 32.5, 37, 51] },
];

/** Pairs of a post: share of the posts with that many; 1.7 on average. */
const PAIRS: readonly (readonly [pairs: number, share: number])[] = [
  [1, 0.634],
  [2, 0.205],
  [3, 0.12],
  [4, 0.02],
  [6, 0.01],
  [10, 0.007],
  [21, 0.004],
];

/** One lap of posts, their words drawn from a vocabulary's whole words. */
export function makeCorpus(vocabulary: Iterable<string>, pictures: number): BenchPost[] {
  const random = new Random(20_240_229);
  const words = [...vocabulary].filter((piece) => /^[a-z]{3,12}$/.test(piece));
  const lengths = random.shuffle(quota(LAP, lengthQuantile));
  const pairs = random.shuffle(quota(LAP, pairQuantile));
  return lengths.map((pieces, i): BenchPost => {
    const count = pieces - SPECIALS;
    return {
      words: Array.from({ length: count }, () => random.pick(words)),
      pairs: Array.from({ length: pairs[i] as number }, () => makePair(count, random)),
      picture: i % pictures,
      regions: Array.from({ length: 3 }, () => makeRegion(random)),
    };
  });
}

/** What the average post of a corpus asks for. */
export function demandOf(posts: readonly BenchPost[]): Demand {
  return {
    nerPieces: mean(posts.map((post) => post.words.length + SPECIALS)),
    rePieces: mean(posts.map((post) => post.pairs.length * (post.words.length + SPECIALS + MARKERS))),
    pairs: mean(posts.map((post) => post.pairs.length)),
  };
}

/** Values at evenly spread shares, so that a lap has the distribution's mean whatever the seed. */
function quota(count: number, quantileAt: (share: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => quantileAt((i + 0.5) / count));
}

/** Length at a share of the three sets together, by bisection over their joint distribution. */
function lengthQuantile(share: number): number {
  const total = LENGTHS.reduce((sum, set) => sum + set.texts, 0);
  let [low, high] = [0, 80];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    const below = LENGTHS.reduce((sum, set) => sum + set.texts * shareBelow(set.at, set.pieces, middle), 0) / total;
    if (below < share) low = middle;
    else high = middle;
  }
  return Math.round(high);
}

function shareBelow(at: readonly number[], pieces: readonly number[], length: number): number {
  const next = pieces.findIndex((value) => value > length);
  if (next === 0) return 0;
  if (next < 0) return 1;
  const [from, to] = [pieces[next - 1] as number, pieces[next] as number];
  const [low, high] = [at[next - 1] as number, at[next] as number];
  return low + ((high - low) * (length - from)) / (to - from);
}

function pairQuantile(share: number): number {
  let sum = 0;
  for (const [pairs, part] of PAIRS) {
    sum += part;
    if (share < sum) return pairs;
  }
  return 1;
}

/** Two spans of one to three words, neither at the end of the text, where the paper's code leaves a marker out. */
function makePair(words: number, random: Random): GivenPair {
  const span = (): [number, number] => {
    const start = random.between(0, words - 2);
    return [start, Math.min(words - 1, start + random.between(1, 4))];
  };
  return { head: span(), tail: span() };
}

/** A part of a picture with a quarter to four fifths of each side. */
function makeRegion(random: Random): Box {
  const [width, height] = [0.25 + random.next() * 0.55, 0.25 + random.next() * 0.55];
  const [left, top] = [random.next() * (1 - width), random.next() * (1 - height)];
  return [left, top, left + width, top + height];
}

/** Quantiles of the lengths of a lap, for the report. */
export function lengthSummary(posts: readonly BenchPost[]): string {
  const sorted = posts.map((post) => post.words.length + SPECIALS).sort((a, b) => a - b);
  const at = (share: number) => Math.round(quantile(sorted, share));
  return `mean ${mean(sorted).toFixed(1)}, p50 ${at(0.5)}, p95 ${at(0.95)}, max ${sorted.at(-1)}`;
}
