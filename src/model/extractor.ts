import type { ExtractorInfo, Mention, Relation } from '../domain/extraction.ts';
import type { ImageOutcome } from '../domain/image.ts';

/** The bytes of a picture file as they were read, not yet decoded. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  /** Hash of the bytes, hex: the cache key. */
  readonly sha256: string;
}

/** What a post gives the model to read. */
export interface ExtractorInput {
  readonly text: string;
  /** The first is the post's picture; the model decides how many it uses. */
  readonly images: readonly EncodedImage[];
}

/** What the model found in one post. */
export interface ExtractorOutput {
  readonly mentions: readonly Mention[];
  readonly relations: readonly Relation[];
  /** One outcome for each input picture, in order. */
  readonly images: readonly ImageOutcome[];
}

/**
 * Reads posts: entities and relations from text and picture.
 *
 * Calls may overlap freely; they are batched together, and a post's result is the same alone and in any batch.
 * A picture that cannot be decoded is an outcome, not an error; an error means that the model itself failed.
 */
export interface Extractor extends AsyncDisposable {
  readonly info: ExtractorInfo;
  /** Languages the bundle reads, BCP 47 primary tags; empty means any. */
  readonly languages: readonly string[];
  extract(input: ExtractorInput): Promise<ExtractorOutput>;
}
