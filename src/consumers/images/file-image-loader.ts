import { createHash } from 'node:crypto';
import { constants, open, realpath } from 'node:fs/promises';
import { isAbsolute, normalize, relative, resolve, sep } from 'node:path';
import type { ImageLoader, LoadedImage } from './image-loader.ts';

/** Where pictures with relative paths lie. */
export interface FileImageOptions {
  /** Folder below which pictures are read; without one every relative picture is `no_image_root`. */
  readonly root: string | undefined;
  /** Largest file in bytes. @default 10_485_760 */
  readonly maxBytes?: number;
}

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Reads pictures below one folder. `..`, absolute paths and links that leave the folder are `outside_root`. */
export class FileImageLoader implements ImageLoader {
  readonly #root: string | undefined;
  readonly #maxBytes: number;
  #realRoot: Promise<string> | undefined;

  constructor(options: FileImageOptions) {
    this.#root = options.root;
    this.#maxBytes = options.maxBytes ?? 10_485_760;
  }

  async load(source: string): Promise<LoadedImage> {
    if (HAS_SCHEME.test(source)) return { outcome: 'not_fetched' };
    if (this.#root === undefined) return { outcome: 'no_image_root' };
    if (isAbsolute(source) || source.includes('\0') || leavesFolder(source)) return { outcome: 'outside_root' };
    let path: string;
    try {
      this.#realRoot ??= realpath(this.#root);
      path = await realpath(resolve(await this.#realRoot, source));
    } catch {
      return { outcome: 'missing' };
    }
    if (leavesFolder(relative(await this.#realRoot, path))) return { outcome: 'outside_root' };
    return this.#read(path);
  }

  async #read(path: string): Promise<LoadedImage> {
    // Non-blocking, so that a pipe in the folder cannot hold the stream up.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
    if (!file) return { outcome: 'missing' };
    try {
      const info = await file.stat();
      if (!info.isFile()) return { outcome: 'not_a_file' };
      if (info.size > this.#maxBytes) return { outcome: 'too_large' };
      const bytes = await file.readFile();
      return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
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
