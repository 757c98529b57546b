import type { LoadedImage } from '../../domain/image.ts';

/** Gets the bytes of a picture a post names. Every string is hostile; nothing about it makes this throw. */
export interface ImageLoader {
  load(source: string): Promise<LoadedImage>;
}
