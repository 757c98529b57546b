import sharp from 'sharp';
import { expect, it } from 'vitest';
import { ThumbnailingImageLoader } from '../../../src/consumers/images/thumbnailing-image-loader.ts';
import type { LoadedImage } from '../../../src/domain/image.ts';
import { GrapevineError } from '../../../src/errors.ts';
import type { PictureStore } from '../../../src/graph/picture-store.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

/** A store in memory that can be made to fail. */
function memoryStore() {
  const kept = new Map<string, Uint8Array>();
  const state = { down: false, puts: 0 };
  const check = () => {
    if (state.down) throw new GrapevineError('PICTURE_STORE_FAILED', 'down', { retryable: true });
  };
  const store: PictureStore = {
    put: async (sha256, thumbnail) => {
      check();
      state.puts++;
      kept.set(sha256, thumbnail);
    },
    get: async (sha256) => kept.get(sha256),
    has: async (sha256) => (check(), kept.has(sha256)),
    delete: async (sha256) => void kept.delete(sha256),
    async *list() {
      yield* kept.keys();
    },
    async [Symbol.asyncDispose]() {},
  };
  return { store, kept, state };
}

function loaderOf(images: Readonly<Record<string, LoadedImage>>, pictures: PictureStore) {
  const telemetry = createTelemetry(createLogger('silent'));
  const loader = new ThumbnailingImageLoader({
    images: {
      load: async (source) => images[source] ?? { outcome: 'missing' },
      async [Symbol.asyncDispose]() {},
    },
    pictures,
    events: telemetry.events,
  });
  const failures = async () =>
    /pictures_kept_total\{outcome="failed"\} (\d+)/.exec(await telemetry.registry.metrics())?.[1];
  return { loader, failures };
}

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];

it('keeps a small upright copy without what was in the file beside its pixels, once', async () => {
  const bytes = await sharp({ create: { width: 1600, height: 400, channels: 3, background: 'red' } })
    .withExif({ IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitude: '38/1 42/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { store, kept, state } = memoryStore();
  const { loader } = loaderOf({ wide: { bytes, sha256: a } }, store);
  const images = await Promise.all(['wide', 'wide', 'wide'].map((source) => loader.load(source)));
  expect(images[0]).toEqual({ bytes, sha256: a });
  const thumbnail = kept.get(a) as Uint8Array;
  const metadata = await sharp(thumbnail).metadata();
  expect(metadata).toMatchObject({ format: 'webp', width: 128, height: 512 });
  expect([metadata.exif, metadata.icc, metadata.xmp]).toEqual([undefined, undefined, undefined]);
  expect(Buffer.from(thumbnail).includes('somebody')).toBe(false);
  await loader.load('wide');
  expect(state.puts).toBe(1);
});

it('never enlarges, and keeps nothing of what is no picture', async () => {
  const small = await sharp({ create: { width: 5, height: 4, channels: 4, background: '#0008' } })
    .png()
    .toBuffer();
  const { store, kept } = memoryStore();
  const { loader } = loaderOf(
    { small: { bytes: small, sha256: a }, page: { bytes: Buffer.from('<html>'), sha256: b } },
    store,
  );
  for (const source of ['small', 'page', 'none']) await loader.load(source);
  expect([...kept.keys()]).toEqual([a]);
  expect(await sharp(kept.get(a)).metadata()).toMatchObject({ width: 5, height: 4 });
});

it('gives the picture all the same when the store is down, and counts it', async () => {
  const bytes = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { store, kept, state } = memoryStore();
  const { loader, failures } = loaderOf({ a: { bytes, sha256: a }, b: { bytes, sha256: b } }, store);
  state.down = true;
  expect(await loader.load('a')).toHaveProperty('bytes');
  expect(await failures()).toBe('1');
  // Left alone for a while: the next post does not wait for it.
  expect(await loader.load('b')).toHaveProperty('bytes');
  expect(await failures()).toBe('1');
  expect(kept.size).toBe(0);
});
