import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ImageOutcome, LoadedImage } from '../../domain/image.ts';
import type { UploadedPicture } from '../../domain/submission.ts';
import { openPicture } from '../../model/preprocess/decode.ts';
import { Slots } from '../../threads/slots.ts';
import type { ImageLoader } from './image-loader.ts';
import { makeThumbnail } from './thumbnail.ts';

/** How long pictures that were sent are kept, and how many. */
export interface UploadedPicturesOptions {
  /** All together, bytes; the one not asked for longest goes first. @default 134_217_728 */
  readonly maxBytes?: number;
  /** Time after which one is forgotten that nobody asks for, milliseconds. @default 900_000 */
  readonly keepMs?: number;
}

/** How a post names such a picture; the rest is the hash of its bytes. */
const PREFIX = 'upload:';

/** Decoded side by side: a picture of many pixels takes memory only then. */
const DECODES = 2;

/** True for the name of a picture that was sent on its own. */
export function isUpload(source: string): boolean {
  return source.startsWith(PREFIX);
}

/**
 * Pictures that were sent on their own, in memory until the posts come that name them. They are gone when the process
 * ends, and never written anywhere: what is kept for good is made by whoever loads them.
 */
export class UploadedPictures implements ImageLoader {
  readonly #pictures: LRUCache<string, Uint8Array>;
  readonly #decodes = new Slots(DECODES);

  constructor({ maxBytes = 134_217_728, keepMs = 900_000 }: UploadedPicturesOptions = {}) {
    this.#pictures = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (bytes) => bytes.byteLength,
      ttl: keepMs,
      ttlAutopurge: true,
      updateAgeOnHas: true,
    });
  }

  /** Keeps a picture that can be decoded, or says why not. */
  async keep(bytes: Uint8Array): Promise<UploadedPicture | { readonly outcome: Exclude<ImageOutcome, 'ok'> }> {
    await this.#decodes.enter();
    try {
      const opened = await openPicture(bytes);
      if ('outcome' in opened) return opened;
      if (!(await makeThumbnail(bytes))) return { outcome: 'decode_error' };
      const { width, height } = opened.metadata;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const reference = `${PREFIX}${sha256}`;
      this.#pictures.set(reference, bytes);
      return { reference, sha256, width, height };
    } finally {
      this.#decodes.leave();
    }
  }

  /** Whether the picture is there; one that is stays for the whole time from now. */
  has(reference: string): boolean {
    return this.#pictures.has(reference);
  }

  load(reference: string): Promise<LoadedImage> {
    const bytes = this.#pictures.get(reference);
    return Promise.resolve(bytes ? { bytes, sha256: reference.slice(PREFIX.length) } : { outcome: 'missing' });
  }
}
