import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import type { Box } from '../../domain/image.ts';
import { serveCalls, Transferred } from '../../threads/worker-server.ts';
import { cropRaster } from '../preprocess/crop-raster.ts';
import { decodeImage } from '../preprocess/decode.ts';
import { normalise } from '../preprocess/normalise.ts';
import { type RasterImage, resizeAndCrop } from '../preprocess/pil-resize.ts';
import { OnnxRegionDetector } from '../regions/onnx-region-detector.ts';
import type { RegionDetector } from '../regions/region-detector.ts';
import { regionOf } from '../regions/region-of.ts';
import { Graphs } from './graphs.ts';
import type { Crops, ImageReply, ImageRequest, ModelWorkerData, Prefixes, TextBatch } from './messages.ts';

const data = workerData as ModelWorkerData;
const WORKER_NICENESS = 5;
let loading: Promise<Graphs> | undefined;
let detecting: Promise<RegionDetector> | undefined;

function graphs(): Promise<Graphs> {
  loading ??= Graphs.load(data);
  return loading;
}

function detector(): Promise<RegionDetector> | undefined {
  if (data.detector) detecting ??= OnnxRegionDetector.load({ ...data.detector, device: data.device });
  return detecting;
}

/** Loads the graphs and the detector; gives the prefixes of an empty slot. */
async function load(): Promise<Prefixes> {
  const empty = await (await graphs()).empty();
  await detector();
  return empty;
}

async function image({ bytes, crops }: ImageRequest): Promise<ImageReply> {
  const decoded = await decodeImage(bytes, { exif: data.manifest.image.exif });
  if ('outcome' in decoded) return decoded;
  const slots: (Prefixes | undefined)[] = [];
  const boxes = await boxesOf(decoded.image, crops);
  for (const box of boxes) slots.push(await encode(decoded.image, box));
  const regions = crops === 'detect' ? boxes.flatMap((box) => (box ? [regionOf(box, decoded.image)] : [])) : [];
  return { outcome: 'ok', slots, ...(regions.length > 0 && { regions }) };
}

async function boxesOf(picture: RasterImage, crops: Crops): Promise<readonly (Box | undefined)[]> {
  if (crops !== 'detect') return crops;
  const regions = (await (await detector())?.detect(picture)) ?? [];
  return [undefined, ...regions.slice(0, data.manifest.size.images - 1)];
}

async function encode(picture: RasterImage, box: Box | undefined): Promise<Prefixes | undefined> {
  const part = box ? cropRaster(picture, box) : picture;
  if (!part) return undefined;
  const { resize, crop } = data.manifest.image;
  return (await graphs()).picture(normalise(resizeAndCrop(part, resize, crop), data.manifest.image));
}

async function text(batch: TextBatch): Promise<Transferred> {
  const output = await (await graphs()).text(batch);
  return new Transferred(output, [output.buffer]);
}

/**
 * The main thread goes first where both want a processor: it hands out the work and answers queries. Linux has a priority for
 * each thread; elsewhere the whole process would get this one.
 */
function yieldToMain(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(WORKER_NICENESS);
  } catch {
    // A sandbox may forbid it; then they are equals.
  }
}

yieldToMain();
serveCalls({ load, image, text }, 'MODEL_FAILED');
