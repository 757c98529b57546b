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
  | 'not_image'
  | 'unsupported_format'
  | 'too_many_pixels'
  | 'decode_error'
  | 'fetch_disabled'
  | 'bad_url'
  | 'scheme'
  | 'credentials'
  | 'port'
  | 'blocked_address'
  | 'host_not_allowed'
  | 'blocked_redirect'
  | 'insecure_redirect'
  | 'too_many_redirects'
  | 'http_4xx'
  | 'http_5xx'
  | 'content_encoding'
  | 'timeout'
  | 'network'
  | 'too_many_images'
  | 'not_read';

/** One picture of a post with its outcome. */
export interface ImageResult {
  /** The path or URL as the post gave it. */
  readonly source: string;
  /** Hash of the file's bytes, hex; absent when no bytes were read. */
  readonly sha256?: string;
  readonly outcome: ImageOutcome;
  /** Parts of it that a detector found and the model read beside the whole, best first; absent where there are none. */
  readonly regions?: readonly Region[];
}

/** The bytes of a picture as they were read, not yet decoded, or why there are none. */
export type LoadedImage =
  | {
      readonly bytes: Uint8Array;
      /** Hash of the bytes, hex. */
      readonly sha256: string;
      /** Tells whoever read it that the bytes are no longer needed: what bounds the pictures in memory. */
      readonly release?: () => void;
    }
  | { readonly outcome: Exclude<ImageOutcome, 'ok'> };

/** A part of a picture: left, top, right and bottom edge in pixels of the file as it is stored, right and bottom exclusive. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** The same as shares of the width and height, 0 to 1 in steps of 0.0001: it holds for copies of any size. */
export type Region = readonly [left: number, top: number, right: number, bottom: number];
