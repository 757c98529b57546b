import type { BatchQueue } from '../batcher.ts';
import type { Manifest, NerPart } from '../manifest.ts';
import type { TextRow } from '../pack-batch.ts';
import type { EncodedPost } from '../tokenizer/encode-post.ts';
import { decodeMentions, type Span } from './decode-mentions.ts';
import { joinEmissions, nerRow, pieceWindows } from './ner-input.ts';

/** A text graph's queue. */
export type TextQueue = BatchQueue<TextRow, Float32Array>;

/** What the tagger made of a post. */
export interface Recognised {
  readonly spans: readonly Span[];
  /** Label scores of [CLS], every piece and [SEP]: float32 [pieces + 2, labels]. */
  readonly emissions: Float32Array;
}

/** Finds the entities of a post; one without word pieces has none. */
export async function recogniseEntities(
  post: EncodedPost,
  slots: TextRow['slots'],
  queue: TextQueue,
  { ner, tokenizer }: { readonly ner: NerPart; readonly tokenizer: Manifest['tokenizer'] },
): Promise<Recognised> {
  const windows = pieceWindows(post.pieces.length, ner.maxSeq - 2);
  const pieces = ner.letterCase ? post.cased : post.pieces;
  const rows = await Promise.all(windows.map((window) => queue.run({ ids: nerRow(pieces, window, tokenizer), slots })));
  const emissions = joinEmissions(windows, rows, ner.labels.length);
  return { spans: decodeMentions(post, emissions, ner), emissions };
}
