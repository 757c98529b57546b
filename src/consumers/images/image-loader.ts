import type { ImageOutcome } from '../../domain/image.ts';

/** A picture's bytes, or why there are none. */
export type LoadedImage =
  | { readonly bytes: Uint8Array; readonly sha256: string }
  | { readonly outcome: Exclude<ImageOutcome, 'ok'> };

/** Gets the bytes of a picture a post names. Every string is hostile; nothing about it makes this throw. */
export interface ImageLoader {
  load(source: string): Promise<LoadedImage>;
}
