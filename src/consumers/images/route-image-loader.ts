import type { LoadedImage } from '../../domain/image.ts';
import { hasScheme } from '../../network/web-url.ts';
import type { ImageLoader } from './image-loader.ts';
import { isUpload } from './uploaded-pictures.ts';

/** Where pictures come from. */
export interface RouteImageOptions {
  /** Gets everything without a scheme. */
  readonly files: ImageLoader;
  /** Gets every URL; without one they are `fetch_disabled`. */
  readonly remote: (ImageLoader & AsyncDisposable) | undefined;
  /** Gets the names of pictures that were sent on their own, where any can be. */
  readonly uploads?: ImageLoader;
}

/** Reads paths as files and asks the network for URLs. */
export class RouteImageLoader implements ImageLoader, AsyncDisposable {
  readonly #options: RouteImageOptions;

  constructor(options: RouteImageOptions) {
    this.#options = options;
  }

  async load(source: string): Promise<LoadedImage> {
    const { files, remote, uploads } = this.#options;
    if (uploads && isUpload(source)) return uploads.load(source);
    if (!hasScheme(source)) return files.load(source);
    return remote ? remote.load(source) : { outcome: 'fetch_disabled' };
  }

  /** Ends what is being fetched. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.remote?.[Symbol.asyncDispose]();
  }
}
