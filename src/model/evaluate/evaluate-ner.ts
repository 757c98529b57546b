import type { LoadedImage } from '../../domain/image.ts';
import type { ModelScores } from '../../domain/model-input.ts';
import type { Extractor } from '../extractor.ts';
import type { NerPart } from '../manifest.ts';
import type { TaggedPost } from './conll.ts';
import { inParallel } from './in-parallel.ts';
import { ScoreBoard, type Scores } from './scores.ts';
import { spansOf } from './spans.ts';

/** How good a bundle is at finding entities. */
export interface NerEvaluation {
  readonly task: 'ner';
  /** Posts. */
  readonly n: number;
  readonly micro: Scores;
  readonly perType: Readonly<Record<string, Scores>>;
}

/** What an evaluation works with. */
export interface EvaluationOptions {
  readonly extractor: Extractor;
  /** The picture of a post by its id; undefined for posts without pictures. */
  readonly pictureOf?: ((imageId: string) => () => Promise<LoadedImage>) | undefined;
  /** Called after each post or row. */
  readonly onProgress?: ((finished: number) => void) | undefined;
}

/** Finds the entities of each post and compares exact spans and types: the best path, whatever its probability. */
export async function evaluateNer(
  posts: readonly TaggedPost[],
  ner: NerPart,
  { extractor, pictureOf, onProgress }: EvaluationOptions,
): Promise<NerEvaluation> {
  const board = new ScoreBoard();
  await inParallel(
    posts,
    async ({ words, tags, imageId }) => {
      const output = await extractor.extract({
        text: words.join(' '),
        images: pictureOf && imageId !== '' ? [pictureOf(imageId)] : [],
        given: { words, pairs: [] },
        normaliseWords: true,
        scores: true,
      });
      const found = new Set(spansOf(wordTags(output.scores as ModelScores, ner)).map(keyOf));
      const gold = new Set(spansOf(tags).map(keyOf));
      for (const key of new Set([...found, ...gold])) {
        board.add(key.split(' ')[0] as string, { predicted: found.has(key), gold: gold.has(key) });
      }
    },
    onProgress,
  );
  return { task: 'ner', n: posts.length, micro: board.micro, perType: board.perType };
}

/** One tag per word: that of its first piece, and O for a word without pieces. */
function wordTags({ first, path }: ModelScores, ner: NerPart): string[] {
  return first.map((piece) => (piece < 0 ? 'O' : (ner.labels[path[piece] as number] ?? 'O')));
}

function keyOf({ type, start, end }: { type: string; start: number; end: number }): string {
  return `${type} ${start} ${end}`;
}
