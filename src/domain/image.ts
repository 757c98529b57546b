/**
 * What became of one picture of a post.
 *
 * `ok` means its pixels reached the model; everything else is the reason why the post was read without it.
 */
export type ImageOutcome =
  | 'ok'
  | 'no_image_root'
  | 'outside_root'
  | 'missing'
  | 'not_a_file'
  | 'too_large'
  | 'unsupported_format'
  | 'too_many_pixels'
  | 'decode_error'
  | 'not_fetched'
  | 'too_many_images';

/** One picture of a post with its outcome. */
export interface ImageResult {
  /** The path or URL as the post gave it. */
  readonly source: string;
  /** Hash of the file's bytes, hex; absent when no bytes were read. */
  readonly sha256?: string;
  readonly outcome: ImageOutcome;
}
