import type { ImageResult } from '../../domain/image.ts';
import type { EncodedImage } from '../../model/extractor.ts';
import type { ImageLoader, LoadedImage } from './image-loader.ts';

/** Pictures of a post that were read, and the outcomes of those that were not. */
export interface LoadedImages {
  /** What the model gets, in the post's order. */
  readonly encoded: readonly EncodedImage[];
  /** Outcomes in the post's order, once the model has said what became of the encoded ones. */
  readonly results: (modelOutcomes: readonly ImageResult['outcome'][]) => readonly ImageResult[];
}

/** Loads the first `limit` pictures of a post together; further ones are `too_many_images`. */
export async function loadImages(
  sources: readonly string[],
  loader: ImageLoader,
  limit: number,
): Promise<LoadedImages> {
  const loaded: readonly LoadedImage[] = await Promise.all(
    sources.map((source, i) => (i < limit ? loader.load(source) : { outcome: 'too_many_images' as const })),
  );
  const encoded = loaded.filter((image) => 'bytes' in image);
  const results = (modelOutcomes: readonly ImageResult['outcome'][]) => {
    let next = 0;
    return loaded.map((image, i): ImageResult => {
      const source = sources[i] as string;
      if (!('bytes' in image)) return { source, outcome: image.outcome };
      return { source, sha256: image.sha256, outcome: modelOutcomes[next++] ?? 'decode_error' };
    });
  };
  return { encoded, results };
}
