// Pictures made ready for the model, from a web server by Grapevine's loader or straight from files; decoding and transform
// are the same code.

import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as LoaderModule from '../../src/consumers/images/http-image-loader.ts';
import type * as DecodeModule from '../../src/model/preprocess/decode.ts';
import type * as ResizeModule from '../../src/model/preprocess/pil-resize.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { built } from '../harness/built.ts';
import { makePictures, PICTURES } from '../harness/pictures.ts';
import type { PicturesSlice } from '../harness/slices.ts';
import { serve } from './serve.ts';

const AT_ONCE = 8;
const RESIZE = 256;
const CROP = 224;

const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-pictures-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let next = 0;
let fromServer: (number: number) => Promise<Uint8Array> = () => Promise.reject(new Error('not started'));
let makeReady: (bytes: Uint8Array) => Promise<void> = () => Promise.reject(new Error('not started'));
const fromFile = (number: number): Promise<Uint8Array> => readFile(join(folder, `${number % PICTURES}.jpg`));

/** Makes pictures ready for so long, several at once. */
async function measure(seconds: number, read: (number: number) => Promise<Uint8Array>): Promise<PicturesSlice> {
  const from = performance.now();
  let pictures = 0;
  const work = async () => {
    while (performance.now() - from < seconds * 1000) {
      await makeReady(await read(next++));
      pictures++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { pictures, seconds: (performance.now() - from) / 1000 };
}

serve({
  async start({ port }: { port: number }): Promise<void> {
    const pictures = await makePictures();
    await Promise.all(pictures.map(({ bytes }, i) => writeFile(join(folder, `${i}.jpg`), bytes)));
    const [{ HttpImageLoader }, { decodeImage }, { resizeAndCrop }] = await Promise.all([
      built<typeof LoaderModule>('consumers/images/http-image-loader.ts'),
      built<typeof DecodeModule>('model/preprocess/decode.ts'),
      built<typeof ResizeModule>('model/preprocess/pil-resize.ts'),
    ]);
    const loader = new HttpImageLoader({
      events: createTelemetry(createLogger('error')).events,
      rules: { allowAddress: (address) => address === '127.0.0.1', allowPort: () => true },
      perHost: AT_ONCE,
    });
    fromServer = async (number) => {
      // No picture comes twice under one address, so that none is known already.
      const loaded = await loader.load(`http://127.0.0.1:${port}/${number % PICTURES}?${number}`);
      if (!('bytes' in loaded)) throw new Error(loaded.outcome);
      loaded.release?.();
      return loaded.bytes;
    };
    makeReady = async (bytes) => {
      const decoded = await decodeImage(bytes, { exif: false });
      if (!('image' in decoded)) throw new Error(decoded.outcome);
      resizeAndCrop(decoded.image, RESIZE, CROP);
    };
  },
  loaded: ({ seconds }: { seconds: number }) => measure(seconds, fromServer),
  files: ({ seconds }: { seconds: number }) => measure(seconds, fromFile),
});
