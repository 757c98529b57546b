import { LRUCache } from 'lru-cache';
import type { Box } from '../domain/image.ts';
import type { Crops, ImageReply, Prefixes } from './runtime/messages.ts';

/** The bytes of a picture file and their hash, part of the key it is kept under. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** How a cache gets at what it does not hold. */
export interface ImageCacheOptions {
  /** Bound on the prefixes kept. */
  readonly bytes: number;
  /** Prefixes of one crop, in bytes. */
  readonly bytesPerCrop: number;
  /** Most crops of a picture when regions are looked for. */
  readonly cropsPerImage: number;
  read(image: EncodedImage, crops: Crops): Promise<ImageReply>;
}

/**
 * What the model makes of pictures, kept by content and crop: a picture that many posts share is read once, also when they
 * ask at once, and a picture whose crops are known in part is read for the others only.
 *
 * Pictures that cannot be decoded are kept too; a failure of the model is not.
 */
export class ImageCache {
  readonly #known: LRUCache<string, Promise<ImageReply>>;
  readonly #options: ImageCacheOptions;

  constructor(options: ImageCacheOptions) {
    this.#options = options;
    // An entry's size is counted when the work begins, so that what is under way is bounded, too.
    this.#known = new LRUCache({ maxSize: Math.max(1, options.bytes), maxEntrySize: Math.max(1, options.bytes) });
  }

  /** Prefixes of the whole picture and of the regions found in it. */
  detect(image: EncodedImage): Promise<ImageReply> {
    const key = `${image.sha256} detect`;
    const { cropsPerImage, read } = this.#options;
    return this.#known.get(key) ?? this.#keep(key, read(image, 'detect'), cropsPerImage);
  }

  /** Prefixes of the whole picture and of these boxes, in order. */
  async crops(image: EncodedImage, boxes: readonly Box[]): Promise<ImageReply> {
    const crops = [undefined, ...boxes];
    const keys = crops.map((box) => `${image.sha256} ${box ?? ''}`);
    // Held by this call, whatever the cache drops meanwhile.
    const held = new Map<string, Promise<ImageReply>>();
    for (const key of keys) {
      const known = this.#known.get(key);
      if (known) held.set(key, known);
    }
    const places = new Map(keys.flatMap((key, i) => (held.has(key) ? [] : [[key, i]])));
    if (places.size > 0) {
      const reading = this.#options.read(
        image,
        [...places.values()].map((i) => crops[i]),
      );
      [...places.keys()].forEach((key, i) => held.set(key, this.#keep(key, pick(reading, i), 1)));
    }
    const replies = await Promise.all(keys.map((key) => held.get(key) as Promise<ImageReply>));
    const slots: (Prefixes | undefined)[] = [];
    for (const reply of replies) {
      if (reply.outcome !== 'ok') return reply;
      slots.push(...reply.slots);
    }
    return { outcome: 'ok', slots };
  }

  #keep(key: string, reading: Promise<ImageReply>, crops: number): Promise<ImageReply> {
    this.#known.set(key, reading, { size: Math.max(1, crops * this.#options.bytesPerCrop) });
    reading.catch(() => {
      if (this.#known.peek(key) === reading) this.#known.delete(key);
    });
    return reading;
  }
}

/** The reply about one of several crops. */
async function pick(reading: Promise<ImageReply>, index: number): Promise<ImageReply> {
  const reply = await reading;
  return reply.outcome === 'ok' ? { outcome: 'ok', slots: reply.slots.slice(index, index + 1) } : reply;
}
