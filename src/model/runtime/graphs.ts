import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Manifest, Task } from '../manifest.ts';
import type { ModelWorkerData, Prefixes, TextBatch } from './messages.ts';

const TASKS = ['ner', 're'] as const;

/** The graphs of a bundle, loaded in this thread. Runs block the thread they are called from. */
export class Graphs {
  readonly #manifest: Manifest;
  readonly #sessions: ReadonlyMap<string, InferenceSession>;

  private constructor(manifest: Manifest, sessions: ReadonlyMap<string, InferenceSession>) {
    this.#manifest = manifest;
    this.#sessions = sessions;
  }

  /** Loads every graph. @throws {MODEL_FAILED} names the graph's file */
  static async load({ dir, manifest, device }: ModelWorkerData): Promise<Graphs> {
    const files = new Set(TASKS.flatMap((task) => [manifest[task].visual, manifest[task].prefix, manifest[task].text]));
    const sessions = new Map<string, InferenceSession>();
    for (const file of files) {
      // One thread each: the workers are the parallelism, and two sessions with one thread beat one with two.
      const options = {
        executionProviders: [device],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      } as const;
      const session = await InferenceSession.create(join(dir, file), options).catch((cause: unknown) => {
        throw new GrapevineError(
          'MODEL_FAILED',
          `loading ${join(dir, file)} on ${device}: ${messageOf(cause)}; ${advice(device)}`,
          { cause },
        );
      });
      sessions.set(file, session);
    }
    return new Graphs(manifest, sessions);
  }

  /** Prefixes of one picture, given as float32 [3, crop, crop]. */
  async picture(pixels: Float32Array): Promise<Prefixes> {
    const { ner, re, image } = this.#manifest;
    const feed = { pixels: new Tensor('float32', pixels, [1, 3, image.crop, image.crop]) };
    const features = await this.#run(ner.visual, feed);
    const others = re.visual === ner.visual ? features : await this.#run(re.visual, feed);
    return { ner: await this.#prefix('ner', features), re: await this.#prefix('re', others) };
  }

  /** What a text graph gives for a batch: emissions [rows, length, labels] or logits [rows, labels]. */
  async text(batch: TextBatch): Promise<Float32Array<ArrayBuffer>> {
    const { task, rows, length, head, tail } = batch;
    const { size } = this.#manifest;
    const shape = [size.layers, 2, size.headsPerImage, size.prefixSlots, size.headSize];
    const each = shape.reduce((product, value) => product * value, 1);
    const output = await this.#run(this.#manifest[task].text, {
      input_ids: new Tensor('int32', batch.ids, [rows, length]),
      attention_mask: new Tensor('int32', batch.mask, [rows, length]),
      prefix: new Tensor('float32', batch.prefix, [batch.prefix.length / each, ...shape]),
      prefix_index: new Tensor('int32', batch.prefixIndex, [rows, size.images]),
      ...(head &&
        tail && { head_position: new Tensor('int32', head, [rows]), tail_position: new Tensor('int32', tail, [rows]) }),
    });
    const expected = rows * this.#manifest[task].labels.length * (task === 'ner' ? length : 1);
    return this.#copy(this.#manifest[task].text, output, expected);
  }

  async #prefix(task: Task, features: Tensor): Promise<Float32Array<ArrayBuffer>> {
    const { size } = this.#manifest;
    const file = this.#manifest[task].prefix;
    const expected = size.layers * 2 * size.headsPerImage * size.prefixSlots * size.headSize;
    return this.#copy(file, await this.#run(file, { features }), expected);
  }

  async #run(file: string, feed: Record<string, Tensor>): Promise<Tensor> {
    const session = this.#sessions.get(file) as InferenceSession;
    try {
      const results = await session.run(feed);
      return results[session.outputNames[0] as string] as Tensor;
    } catch (cause) {
      throw new GrapevineError('MODEL_FAILED', `running ${file}: ${messageOf(cause)}`, { cause });
    }
  }

  /** A fresh buffer: memory that onnxruntime owns must not be moved to another thread. */
  #copy(file: string, output: Tensor, expected: number): Float32Array<ArrayBuffer> {
    const data = output.data;
    if (data instanceof Float32Array && data.length === expected) return new Float32Array(data);
    const found = `${output.type} [${output.dims.join(', ')}]`;
    throw new GrapevineError(
      'BUNDLE_INVALID',
      `running ${file}: it gave ${found}, the manifest's sizes ask for ${expected} float32 values`,
    );
  }
}

function advice(device: ModelWorkerData['device']): string {
  if (device === 'cpu') return 'check that the bundle is complete and readable';
  return `check that this machine and the installed onnxruntime-node support ${device}, or use the device cpu`;
}
