import { workerData } from 'node:worker_threads';
import { serveCalls, Transferred } from '../../threads/worker-server.ts';
import { decodeImage } from '../preprocess/decode.ts';
import { normalise } from '../preprocess/normalise.ts';
import { resizeAndCrop } from '../preprocess/pil-resize.ts';
import { Graphs } from './graphs.ts';
import type { ImageReply, ModelWorkerData, Prefixes, TextBatch } from './messages.ts';

const data = workerData as ModelWorkerData;
let loading: Promise<Graphs> | undefined;

function graphs(): Promise<Graphs> {
  loading ??= Graphs.load(data);
  return loading;
}

/** Loads the graphs; gives the prefixes of an empty slot, which is a picture of zeros. */
async function load(): Promise<Transferred> {
  const { crop } = data.manifest.image;
  const empty = await (await graphs()).picture(new Float32Array(3 * crop * crop));
  return new Transferred(empty, buffersOf(empty));
}

async function image(bytes: Uint8Array): Promise<ImageReply | Transferred> {
  const { resize, crop, exif } = data.manifest.image;
  const decoded = await decodeImage(bytes, { exif });
  if ('outcome' in decoded) return decoded;
  const pixels = normalise(resizeAndCrop(decoded.image, resize, crop), data.manifest.image);
  const prefixes = await (await graphs()).picture(pixels);
  return new Transferred({ outcome: 'ok', prefixes } satisfies ImageReply, buffersOf(prefixes));
}

async function text(batch: TextBatch): Promise<Transferred> {
  const output = await (await graphs()).text(batch);
  return new Transferred(output, [output.buffer]);
}

function buffersOf(prefixes: Prefixes): ArrayBuffer[] {
  return [prefixes.ner.buffer, prefixes.re.buffer];
}

serveCalls({ load, image, text }, 'MODEL_FAILED');
