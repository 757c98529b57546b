import type { ImageResult } from './image.ts';
import type { ModelScores } from './model-input.ts';
import type { PostRecord } from './post.ts';

/** An entity named in a post: a span of its text. */
export interface Mention {
  /** Position in the extraction's list. */
  readonly id: number;
  /** First UTF-16 code unit of the span in `post.text`. */
  readonly start: number;
  /** One past the span's last code unit. */
  readonly end: number;
  readonly text: string;
  /** Entity type as the bundle names it, `PER` for instance. */
  readonly type: string;
  /** Probability of the span, 0 to 1. */
  readonly p: number;
  /** True for a span that was given with a pair instead of found; its type is the one its relation asks for. */
  readonly given?: true;
}

/** A directed relation between two mentions of one post. */
export interface Relation {
  /** Relation type as the bundle names it, `/per/org/member_of` for instance. */
  readonly type: string;
  /** `id` of the head mention. */
  readonly head: number;
  /** `id` of the tail mention. */
  readonly tail: number;
  /** Calibrated probability, 0 to 1. */
  readonly p: number;
  /** True where the relation says the same in both directions. */
  readonly symmetric?: true;
}

/** Which model produced an extraction. A lower generation never replaces a higher one. */
export interface ExtractorInfo {
  readonly bundle: string;
  readonly generation: number;
}

/** Why a record was handed on without being read by the model. */
export type SkipReason = 'unsupported_language' | 'deleted' | 'event';

/** What Grapevine knows about one version of one post: the record of the `extractions` topic. */
export interface Extraction {
  readonly schema: 1;
  readonly post: PostRecord;
  readonly extractor: ExtractorInfo;
  readonly images: readonly ImageResult[];
  readonly mentions: readonly Mention[];
  readonly relations: readonly Relation[];
  readonly skipped?: SkipReason;
  /** Only where they were asked for; never stored. */
  readonly scores?: ModelScores;
}

/** Why a post was read without a picture: the first outcome that is not `ok`, `no_picture`, or undefined when a picture was used. */
export function textOnlyReason(extraction: Extraction): string | undefined {
  if (extraction.images.some((image) => image.outcome === 'ok')) return undefined;
  return extraction.images[0]?.outcome ?? 'no_picture';
}
