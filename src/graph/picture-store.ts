/**
 * Keeps a small re-encoded copy of each picture for people to look at, by the hash of the file it was made from. The file
 * itself is never kept.
 *
 * Safe to use from several processes: what is put under a hash is made from the same bytes everywhere, and a copy is there
 * whole or not at all. Every call rejects with {PICTURE_STORE_FAILED} when the store does not answer; trying again is safe.
 */
export interface PictureStore extends AsyncDisposable {
  /** Keeps a copy. @param sha256 hash of the original's bytes, 64 hex digits */
  put(sha256: string, thumbnail: Uint8Array): Promise<void>;
  /** The copy, or undefined where none is kept. */
  get(sha256: string): Promise<Uint8Array | undefined>;
  /** Whether a copy is kept. */
  has(sha256: string): Promise<boolean>;
  /** Removes a copy; one that is not there is gone already. */
  delete(sha256: string): Promise<void>;
  /** Hashes of all copies, in no order. */
  list(): AsyncIterable<string>;
}

/** Media type of the copies. */
export const THUMBNAIL_TYPE = 'image/webp';

const SHA256 = /^[0-9a-f]{64}$/;

/** Where a copy lies below its store: spread over folders, so that none holds millions of files. @throws {RangeError} */
export function pictureName(sha256: string): string {
  if (!SHA256.test(sha256)) throw new RangeError(`"${sha256.slice(0, 80)}" is no SHA-256 in hex`);
  return `${sha256.slice(0, 2)}/${sha256}.webp`;
}

/** The hash in such a name; undefined for anything else that lies there. */
export function hashInName(name: string): string | undefined {
  return /(?:^|\/)([0-9a-f]{64})\.webp$/.exec(name)?.[1];
}
