import { LRUCache } from 'lru-cache';
import type { EncodedImage } from './extractor.ts';
import type { ImageReply } from './runtime/messages.ts';

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
