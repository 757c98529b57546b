// The per-post path of the paper's code where no PyTorch is there, emulated in onnxruntime: one post at a time, padded to
// 80, four pictures per call, one call per pair.
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Bundle, openBundle } from '../../src/model/bundle.ts';
import { type Manifest, partOf, prefixLength, type Task } from '../../src/model/manifest.ts';
import type { AuthorsSlice } from '../harness/slices.ts';
import { serve } from './serve.ts';

/** Which graphs stand in for the original, and on how many threads. */
export interface EmulatedOptions {
  readonly bundle: string;
  readonly threads: number;
}

const PADDED = 80;
const TEXT = 30;
const ORDER: readonly Task[] = ['ner', 're', 're', 'ner', 're', 'ner', 're', 're', 'ner', 're'];
const sessions = new Map<string, InferenceSession>();
let opened: Bundle | undefined;
let turn = 0;

async function run(file: string, feed: Record<string, Tensor>): Promise<Tensor> {
  const session = sessions.get(file) as InferenceSession;
  return (await session.run(feed))[session.outputNames[0] as string] as Tensor;
}

async function call(task: Task, manifest: Manifest): Promise<void> {
  const { size, image } = manifest;
  const part = partOf(manifest, task);
  const { images, layers, headsPerImage, prefixSlots, headSize } = size;
  const length = prefixLength(manifest);
  const prefix = new Float32Array((images + 1) * length);
  for (let slot = 0; slot < images; slot++) {
    const pixels = new Float32Array(3 * image.crop * image.crop).fill(0.1 * slot);
    const features = await run(part.visual as string, {
      pixels: new Tensor('float32', pixels, [1, 3, image.crop, image.crop]),
    });
    prefix.set((await run(part.prefix as string, { features })).data as Float32Array, (slot + 1) * length);
  }
  const int = (values: Int32Array) => new Tensor('int32', values, [1, values.length]);
  const one = (value: number) => new Tensor('int32', Int32Array.of(value), [1]);
  await run(part.text, {
    input_ids: int(new Int32Array(PADDED).fill(2000, 0, TEXT)),
    attention_mask: int(new Int32Array(PADDED).fill(1, 0, TEXT)),
    prefix: new Tensor('float32', prefix, [images + 1, layers, 2, headsPerImage, prefixSlots, headSize]),
    prefix_index: int(Int32Array.from({ length: images }, (_, slot) => slot + 1)),
    ...(task === 're' && { head_position: one(3), tail_position: one(9) }),
  });
}

serve({
  async start({ bundle, threads }: EmulatedOptions): Promise<void> {
    opened = await openBundle(bundle);
    const { dir, manifest } = opened;
    for (const task of ['ner', 're'] as const) {
      const { visual, prefix, text } = partOf(manifest, task);
      for (const file of [visual as string, prefix as string, text]) {
        if (sessions.has(file)) continue;
        const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
        sessions.set(file, await InferenceSession.create(join(dir, file), options));
      }
      await call(task, manifest);
    }
  },

  async slice({ seconds }: { seconds: number }): Promise<AuthorsSlice> {
    const start = performance.now();
    let calls = 0;
    for (; performance.now() - start < seconds * 1000; calls++) {
      await call(ORDER[turn++ % ORDER.length] as Task, (opened as Bundle).manifest);
    }
    return { calls, seconds: (performance.now() - start) / 1000 };
  },
});
