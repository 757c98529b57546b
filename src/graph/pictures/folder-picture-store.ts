import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashInName, type PictureStore, pictureName } from '../picture-store.ts';
import { storeFailure } from './store-failure.ts';

/** Copies of pictures as files in a folder, which several processes may share. */
export class FolderPictureStore implements PictureStore {
  readonly #folder: string;

  /** @param folder made when the first picture is put */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(sha256: string, thumbnail: Uint8Array): Promise<void> {
    const path = join(this.#folder, pictureName(sha256));
    // A file that is still being written must not be taken for a picture, and a crash may leave one behind.
    const part = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(part, thumbnail);
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      throw storeFailure('keeping a picture', error);
    }
  }

  async get(sha256: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.#folder, pictureName(sha256)));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeFailure('reading a picture', error);
    }
  }

  async has(sha256: string): Promise<boolean> {
    try {
      await access(join(this.#folder, pictureName(sha256)));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw storeFailure('looking for a picture', error);
    }
  }

  async delete(sha256: string): Promise<void> {
    try {
      await rm(join(this.#folder, pictureName(sha256)), { force: true });
    } catch (error) {
      throw storeFailure('removing a picture', error);
    }
  }

  async *list(): AsyncIterable<string> {
    try {
      for (const folder of await readdir(this.#folder)) {
        for (const name of await readdir(join(this.#folder, folder)).catch(() => [])) {
          const sha256 = hashInName(name);
          if (sha256 !== undefined) yield sha256;
        }
      }
    } catch (error) {
      if (!isMissing(error)) throw storeFailure('listing pictures', error);
    }
  }

  /** Nothing is held open. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
