import { createHash } from 'node:crypto';
import { constants, type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, normalize, relative, resolve, sep } from 'node:path';
import type { LoadedImage } from '../../domain/image.ts';
import { Slots } from '../../threads/slots.ts';
import type { ImageLoader } from './image-loader.ts';

/** Where pictures with relative paths lie. */
export interface FileImageOptions {
  /** Folder below which pictures are read; without one every relative picture is `no_image_root`. */
  readonly root: string | undefined;
  /** Largest file in bytes. @default 10_485_760 */
  readonly maxBytes?: number;
}

/** Picture files whose bytes are in memory at once, so that many posts with large pictures cannot fill it. */
const FILES_IN_MEMORY = 16;
const CHUNK_BYTES = 262_144;

/** Reads pictures below one folder. `..`, absolute paths and links that leave the folder are `outside_root`. */
export class FileImageLoader implements ImageLoader {
  readonly #root: string | undefined;
  readonly #maxBytes: number;
  readonly #held = new Slots(FILES_IN_MEMORY);
  #realRoot: string | undefined;

  constructor(options: FileImageOptions) {
    this.#root = options.root;
    this.#maxBytes = options.maxBytes ?? 10_485_760;
  }

  async load(source: string): Promise<LoadedImage> {
    if (this.#root === undefined) return { outcome: 'no_image_root' };
    if (isAbsolute(source) || source.includes('\0') || leavesFolder(source)) return { outcome: 'outside_root' };
    let path: string;
    try {
      // Looked up again until it is there: it may be mounted later.
      this.#realRoot ??= await realpath(this.#root);
      path = await realpath(resolve(this.#realRoot, source));
    } catch {
      return { outcome: 'missing' };
    }
    if (leavesFolder(relative(this.#realRoot, path))) return { outcome: 'outside_root' };
    await this.#held.enter();
    const image = await this.#read(path);
    if ('outcome' in image) this.#held.leave();
    return image;
  }

  async #read(path: string): Promise<LoadedImage> {
    // Non-blocking, so that a pipe in the folder cannot hold the stream up.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
    if (!file) return { outcome: 'missing' };
    try {
      const info = await file.stat();
      if (!info.isFile()) return { outcome: 'not_a_file' };
      if (info.size > this.#maxBytes) return { outcome: 'too_large' };
      return { ...(await readHashed(file, info.size)), release: () => this.#held.leave() };
    } catch {
      return { outcome: 'missing' };
    } finally {
      await file.close();
    }
  }
}

function leavesFolder(path: string): boolean {
  const clean = normalize(path);
  return clean === '..' || clean.startsWith(`..${sep}`) || isAbsolute(clean);
}

/** Reads and hashes in portions: the main thread is free between them. */
async function readHashed(file: FileHandle, size: number): Promise<{ bytes: Uint8Array; sha256: string }> {
  const hash = createHash('sha256');
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, Math.min(CHUNK_BYTES, size - length));
    if (bytesRead === 0) break;
    hash.update(bytes.subarray(length, length + bytesRead));
    length += bytesRead;
  }
  return { bytes: bytes.subarray(0, length), sha256: hash.digest('hex') };
}
