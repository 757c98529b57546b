import { LRUCache } from 'lru-cache';
import type { LoadedImage } from '../../domain/image.ts';
import { messageOf } from '../../errors.ts';
import type { PictureStore } from '../../graph/picture-store.ts';
import type { Events } from '../../telemetry/events.ts';
import { Slots } from '../../threads/slots.ts';
import type { ImageLoader } from './image-loader.ts';
import { makeThumbnail } from './thumbnail.ts';

/** What copies are kept with. */
export interface ThumbnailingOptions {
  readonly images: ImageLoader & AsyncDisposable;
  readonly pictures: PictureStore;
  readonly events: Events;
}

/** Hashes of pictures that are known to be kept; a restart looks again. */
const REMEMBERED = 65_536;
const AT_ONCE = 4;
/** Time for which a store that failed is left alone, so that posts do not wait for it again and again. */
const COOL_DOWN_MS = 5_000;

/**
 * Keeps a small copy of every picture it loads.
 *
 * A store that fails costs the copy and not the post: it is counted, and the next post with the picture tries again.
 */
export class ThumbnailingImageLoader implements ImageLoader, AsyncDisposable {
  readonly #options: ThumbnailingOptions;
  readonly #kept = new LRUCache<string, true>({ max: REMEMBERED });
  readonly #flights = new Map<string, Promise<void>>();
  readonly #slots = new Slots(AT_ONCE);
  #downUntil = 0;

  constructor(options: ThumbnailingOptions) {
    this.#options = options;
  }

  async load(source: string): Promise<LoadedImage> {
    const image = await this.#options.images.load(source);
    if ('bytes' in image) await this.#keepOnce(image.sha256, image.bytes);
    return image;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.images[Symbol.asyncDispose]();
    await Promise.all(this.#flights.values());
    await this.#options.pictures[Symbol.asyncDispose]();
  }

  #keepOnce(sha256: string, bytes: Uint8Array): Promise<void> {
    if (this.#kept.has(sha256)) return Promise.resolve();
    const known = this.#flights.get(sha256);
    if (known) return known;
    const flight = this.#keep(sha256, bytes).finally(() => this.#flights.delete(sha256));
    this.#flights.set(sha256, flight);
    return flight;
  }

  async #keep(sha256: string, bytes: Uint8Array): Promise<void> {
    const { pictures, events } = this.#options;
    await this.#slots.enter();
    try {
      if (performance.now() < this.#downUntil) return;
      if (!(await pictures.has(sha256))) {
        const thumbnail = await makeThumbnail(bytes);
        if (!thumbnail) return;
        await pictures.put(sha256, thumbnail);
        events.pictureKept({ outcome: 'ok', sha256 });
      }
      this.#kept.set(sha256, true);
    } catch (error) {
      this.#downUntil = performance.now() + COOL_DOWN_MS;
      events.pictureKept({ outcome: 'failed', sha256, message: messageOf(error) });
    } finally {
      this.#slots.leave();
    }
  }
}
