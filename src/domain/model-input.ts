import type { Box } from './image.ts';

/** A range of words of a post, end exclusive. */
export type WordRange = readonly [start: number, end: number];

/** Two spans between which a relation is asked for. */
export interface GivenPair {
  readonly head: WordRange;
  readonly tail: WordRange;
}

/** Results of steps before the model that come with a post and replace those steps; an empty list means none. */
export interface GivenInput {
  /** The words of the text, which is them joined by one space. They are read as they are. */
  readonly words?: readonly string[];
  /** Parts of the first picture, in the order of the model's slots; at most as many as it has besides the whole picture. */
  readonly regions?: readonly Box[];
  /** Pairs to classify, whatever their types. */
  readonly pairs?: readonly GivenPair[];
}

/** What a model computed on the way, as it came out of its graphs. */
export interface ModelScores {
  /** Number of word pieces, [CLS] and [SEP] included. */
  readonly pieces: number;
  /** For each word the index of its first piece, -1 for a word without pieces. */
  readonly first: readonly number[];
  /** Label scores, [pieces][labels]. */
  readonly emissions: readonly (readonly number[])[];
  /** The best path, a label id per piece. */
  readonly path: readonly number[];
  /** Relation scores of the given pairs, or of those the model was shown, in order: [pairs][relations]. */
  readonly relations: readonly (readonly number[])[];
}
