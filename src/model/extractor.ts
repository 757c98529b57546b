import type { ExtractorInfo, Mention, Relation } from '../domain/extraction.ts';
import type { ImageOutcome, LoadedImage, Region } from '../domain/image.ts';
import type { GivenInput, ModelScores } from '../domain/model-input.ts';

/** What a post gives the model to read. */
export interface ExtractorInput {
  readonly text: string;
  /**
   * The post's pictures, the first first. Each is loaded only when the model comes to it, and none after the one that
   * is used, so that pictures of waiting posts take no memory.
   */
  readonly images: readonly (() => Promise<LoadedImage>)[];
  /** Steps whose results are given instead of computed. */
  readonly given?: GivenInput;
  /** Reads given words as the words of a live post: web addresses, hashtags and entities by the bundle's rules. */
  readonly normaliseWords?: boolean;
  /** Whether the scores behind the result are wanted. */
  readonly scores?: boolean;
}

/** What became of a picture the model was given. */
export interface ReadImage {
  readonly outcome: ImageOutcome;
  /** Hash of its bytes, where they were read. */
  readonly sha256?: string;
  /** Parts of it that were found and read as well, best first; absent where there are none. */
  readonly regions?: readonly Region[];
}

/** What the model found in one post. */
export interface ExtractorOutput {
  readonly mentions: readonly Mention[];
  readonly relations: readonly Relation[];
  /** One for each input picture, in order. */
  readonly images: readonly ReadImage[];
  readonly scores?: ModelScores;
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
