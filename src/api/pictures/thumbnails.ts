import type { PictureStore } from '../../graph/picture-store.ts';
import { Slots } from '../../threads/slots.ts';
import type { PictureLinks } from './picture-links.ts';

/** Looks into the store at once. */
const AT_ONCE = 16;

/** Addresses of the small copies of pictures that are kept. */
export class Thumbnails {
  readonly #pictures: PictureStore | undefined;
  readonly #links: PictureLinks;
  readonly #slots = new Slots(AT_ONCE);
  readonly #flights = new Map<string, Promise<boolean>>();

  /** @param pictures undefined where none are kept */
  constructor(pictures: PictureStore | undefined, links: PictureLinks) {
    this.#pictures = pictures;
    this.#links = links;
  }

  /** Address of a picture's copy; undefined where none is kept. @throws {PICTURE_STORE_FAILED} */
  async pathOf(sha256: string): Promise<string | undefined> {
    if (!this.#pictures) return undefined;
    const flight = this.#flights.get(sha256) ?? this.#has(sha256, this.#pictures);
    this.#flights.set(sha256, flight);
    return (await flight) ? this.#links.pathOf(sha256) : undefined;
  }

  async #has(sha256: string, pictures: PictureStore): Promise<boolean> {
    await this.#slots.enter();
    try {
      return await pictures.has(sha256);
    } finally {
      this.#slots.leave();
      this.#flights.delete(sha256);
    }
  }
}
