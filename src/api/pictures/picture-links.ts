import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How addresses of pictures are made. */
export interface PictureLinkOptions {
  /** Signs them; processes that answer for each other share it. Empty takes a random one, which ends with the process. */
  readonly key: string;
  /** System time, epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/** A picture that an address allows to read. */
export interface LinkedPicture {
  readonly sha256: string;
  /** How long the address still holds, seconds. */
  readonly seconds: number;
}

/** Least time for which an address holds, seconds; twice as long at most. */
const HOLDS_S = 3600;

const LINK = /^\/pictures\/([0-9a-f]{64})\?expires=(\d{1,12})&signature=([\w-]{43})$/;

/**
 * Makes addresses of pictures that whoever has one may read for an hour or two, and no one without.
 *
 * An `<img>` of a page sends no token, so the address itself says that it was given to someone who may read. All made within
 * one hour are equal, so that a browser asks for each picture once.
 */
export class PictureLinks {
  readonly #key: Uint8Array;
  readonly #clock: () => number;

  constructor({ key, clock = Date.now }: PictureLinkOptions) {
    this.#key = key === '' ? randomBytes(32) : Buffer.from(key);
    this.#clock = clock;
  }

  /** Address of a picture, without the server's. */
  pathOf(sha256: string): string {
    const expires = (Math.floor(this.#now() / HOLDS_S) + 2) * HOLDS_S;
    return `/pictures/${sha256}?expires=${expires}&signature=${this.#sign(sha256, expires)}`;
  }

  /** The picture that an address stands for; undefined when it was not made here or its time is over. */
  read(path: string): LinkedPicture | undefined {
    const [, sha256 = '', expiresText = '', signature = ''] = LINK.exec(path) ?? [];
    const expires = Number(expiresText);
    const seconds = Math.floor(expires - this.#now());
    if (sha256 === '' || seconds <= 0) return undefined;
    // Of one length, as the pattern says.
    const holds = timingSafeEqual(Buffer.from(signature), Buffer.from(this.#sign(sha256, expires)));
    return holds ? { sha256, seconds } : undefined;
  }

  #sign(sha256: string, expires: number): string {
    return createHmac('sha256', this.#key).update(`picture ${sha256} ${expires}`).digest('base64url');
  }

  #now(): number {
    return this.#clock() / 1000;
  }
}
