import { LRUCache } from 'lru-cache';
import type { ImageReply } from './runtime/messages.ts';

/** The bytes of a picture file and their hash, the key it is kept under. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/**
 * What the model makes of pictures, kept by content: a picture that many posts share is read once, also when they ask at once.
 *
 * Pictures that cannot be decoded are kept too; a failure of the model is not.
 */
export class ImageCache {
  readonly #known: LRUCache<string, Promise<ImageReply>>;
  readonly #read: (image: EncodedImage) => Promise<ImageReply>;

  constructor(options: { readonly entries: number; readonly read: (image: EncodedImage) => Promise<ImageReply> }) {
    this.#known = new LRUCache({ max: options.entries });
    this.#read = options.read;
  }

  /** The picture's prefixes, or why it has none. */
  get(image: EncodedImage): Promise<ImageReply> {
    const known = this.#known.get(image.sha256);
    if (known) return known;
    const reading = this.#read(image);
    this.#known.set(image.sha256, reading);
    reading.catch(() => {
      if (this.#known.peek(image.sha256) === reading) this.#known.delete(image.sha256);
    });
    return reading;
  }
}
