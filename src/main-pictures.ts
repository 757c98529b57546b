// The part of the composition root that opens pictures: where they come from, and where small copies are kept.
import { statSync } from 'node:fs';
import type { Config } from './config.ts';
import { FileImageLoader } from './consumers/images/file-image-loader.ts';
import type { ImageLoader } from './consumers/images/image-loader.ts';
import { RouteImageLoader } from './consumers/images/route-image-loader.ts';
import { GrapevineError } from './errors.ts';
import type { PictureStore } from './graph/picture-store.ts';
import { urlRules } from './network/web-policy.ts';
import { items } from './settings/kinds.ts';
import { type Telemetry } from './telemetry/telemetry.ts';

/** Where pictures come from beside what the settings say, and whether small copies are kept. */
export interface ImageSources {
  /** Folder of relative paths where the settings name none. */
  readonly fallbackRoot?: string | undefined;
  /** Gets the names of pictures that were sent on their own. */
  readonly uploads?: ImageLoader;
  /** Keeps small copies where the settings name a store. @default true */
  readonly keeps?: boolean;
}

/** Fetches pictures by URL where the settings allow it, and reads others below their image root. */
export async function openImages(
  config: Config,
  telemetry: Telemetry,
  { fallbackRoot, uploads, keeps = true }: ImageSources = {},
): Promise<ImageLoader & AsyncDisposable> {
  if (config.IMAGE_ROOT !== undefined) requireFolder(config.IMAGE_ROOT);
  const files = new FileImageLoader({ root: config.IMAGE_ROOT ?? fallbackRoot, maxBytes: config.IMAGE_MAX_BYTES });
  const images = new RouteImageLoader({
    files,
    remote: config.FETCH_IMAGES ? await openRemoteImages(config, telemetry) : undefined,
    ...(uploads && { uploads }),
  });
  const pictures = keeps ? await openPictures(config) : undefined;
  if (!pictures) return images;
  const { ThumbnailingImageLoader } = await import('./consumers/images/thumbnailing-image-loader.ts');
  return new ThumbnailingImageLoader({ images, pictures, events: telemetry.events });
}

/** Opens the store of small copies of pictures; undefined where the settings name none. */
export async function openPictures(config: Config): Promise<PictureStore | undefined> {
  const { PICTURE_STORE: url } = config;
  if (url === '') return undefined;
  if (url.startsWith('folder:')) {
    const { FolderPictureStore } = await import('./graph/pictures/folder-picture-store.ts');
    return new FolderPictureStore(url.slice('folder:'.length));
  }
  const { S3PictureStore } = await import('./graph/pictures/s3-picture-store.ts');
  const [bucket = '', ...prefix] = url.slice('s3://'.length).split('/');
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey, S3_ENDPOINT: endpoint } = config;
  return new S3PictureStore({
    bucket,
    prefix: prefix.filter((part) => part !== '').join('/'),
    region: config.S3_REGION,
    timeoutMs: config.S3_TIMEOUT_MS,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== '' && { credentials: { accessKeyId, secretAccessKey } }),
  });
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new GrapevineError('CONFIG_INVALID', `looking for pictures: IMAGE_ROOT (--image-root) ${path} is not a folder`);
}

async function openRemoteImages(config: Config, { events }: Telemetry): Promise<ImageLoader & AsyncDisposable> {
  const { HttpImageLoader } = await import('./consumers/images/http-image-loader.ts');
  return new HttpImageLoader({
    events,
    maxBytes: config.IMAGE_MAX_BYTES,
    timeoutMs: config.IMAGE_TIMEOUT_MS,
    rules: urlRules({
      httpsOnly: config.IMAGE_HTTPS_ONLY,
      ports: items(config.IMAGE_PORTS).map(Number),
      hosts: items(config.IMAGE_HOSTS),
      privateNetworks: items(config.IMAGE_PRIVATE_NETWORKS),
    }),
  });
}
