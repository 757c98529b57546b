import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { GrapevineError, messageOf } from '../../errors.ts';
import {
  type Manifest,
  type NerPart,
  partOf,
  prefixLength,
  type RePart,
  seeingTasks,
  type Task,
  tasksOf,
} from '../manifest.ts';
import type { ModelWorkerData, Prefix, Prefixes, TextBatch } from './messages.ts';
import { createSession } from './session.ts';

/** The graphs of a bundle, loaded in this thread. Runs block the thread they are called from. */
export class Graphs {
  readonly #manifest: Manifest;
  readonly #dir: string;
  readonly #sessions: ReadonlyMap<string, InferenceSession>;

  private constructor({ dir, manifest }: ModelWorkerData, sessions: ReadonlyMap<string, InferenceSession>) {
    this.#dir = dir;
    this.#manifest = manifest;
    this.#sessions = sessions;
  }

  /** Loads every graph. @throws {MODEL_FAILED} names the graph's file */
  static async load(data: ModelWorkerData): Promise<Graphs> {
    const { dir, manifest, device } = data;
    const sessions = new Map<string, InferenceSession>();
    for (const file of filesOf(manifest)) sessions.set(file, await createSession(join(dir, file), device));
    return new Graphs(data, sessions);
  }

  /** Prefixes of an empty picture slot. @throws {BUNDLE_INVALID} its features are not of the size the graphs want */
  async empty(): Promise<Prefixes> {
    const { size } = this.#manifest;
    const width = size.channels.reduce((sum, channels) => sum + channels, 0) * 4;
    return this.#prefixes(tasksOf(this.#manifest), async (part) => {
      const file = part.empty as string;
      const bytes = await readFile(join(this.#dir, file));
      if (bytes.byteLength !== width * 4) {
        const expected = `${width} float32 values`;
        throw new GrapevineError(
          'BUNDLE_INVALID',
          `reading ${file}: it has ${bytes.byteLength} bytes, not ${expected}`,
        );
      }
      const values = new Float32Array(new Uint8Array(bytes).buffer);
      return new Tensor('float32', values, [1, size.promptTokens, width / size.promptTokens]);
    });
  }

  /** Prefixes of one picture, given as float32 [3, crop, crop]. */
  async picture(pixels: Float32Array): Promise<Prefixes> {
    const { crop } = this.#manifest.image;
    const known = new Map<string, Promise<Tensor>>();
    return this.#prefixes(seeingTasks(this.#manifest), (part) => {
      const file = part.visual as string;
      let features = known.get(file);
      if (!features) {
        features = this.#run(file, { pixels: new Tensor('float32', pixels, [1, 3, crop, crop]) });
        known.set(file, features);
      }
      return features;
    });
  }

  /** What a text graph gives for a batch: emissions [rows, length, labels] or logits [rows, labels]. */
  async text(batch: TextBatch): Promise<Float32Array<ArrayBuffer>> {
    const { task, rows, length, head, tail, prefixes, prefixIndex } = batch;
    const { size } = this.#manifest;
    const part = partOf(this.#manifest, task);
    const shape = [size.layers, 2, size.headsPerImage, size.prefixSlots, size.headSize];
    const output = await this.#run(part.text, {
      input_ids: new Tensor('int32', batch.ids, [rows, length]),
      attention_mask: new Tensor('int32', batch.mask, [rows, length]),
      ...(prefixes &&
        prefixIndex && {
          prefix: new Tensor('float32', joined(prefixes), [prefixes.length, ...shape]),
          prefix_index: new Tensor('int32', prefixIndex, [rows, size.images]),
        }),
      ...(head &&
        tail && { head_position: new Tensor('int32', head, [rows]), tail_position: new Tensor('int32', tail, [rows]) }),
    });
    return copy(part.text, output, rows * part.labels.length * (task === 'ner' ? length : 1));
  }

  async #prefixes(tasks: readonly Task[], featuresOf: (part: NerPart | RePart) => Promise<Tensor>): Promise<Prefixes> {
    const made: Partial<Record<Task, Prefix>> = {};
    for (const task of tasks) {
      const part = partOf(this.#manifest, task);
      if (!part.prefix) continue;
      const output = await this.#run(part.prefix, { features: await featuresOf(part) });
      made[task] = shared(copy(part.prefix, output, prefixLength(this.#manifest)));
    }
    return made;
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
}

function filesOf(manifest: Manifest): Set<string> {
  const parts = tasksOf(manifest).map((task) => partOf(manifest, task));
  return new Set(parts.flatMap((part) => [part.visual, part.prefix, part.text]).filter((file) => file !== undefined));
}

/** A fresh buffer: memory that onnxruntime owns must not be moved to another thread. */
function copy(file: string, output: Tensor, expected: number): Float32Array<ArrayBuffer> {
  const data = output.data;
  if (data instanceof Float32Array && data.length === expected) return new Float32Array(data);
  const found = `${output.type} [${output.dims.join(', ')}]`;
  throw new GrapevineError(
    'BUNDLE_INVALID',
    `running ${file}: it gave ${found}, the manifest's sizes ask for ${expected} float32 values`,
  );
}

/** The values in memory that all threads share. */
function shared(values: Float32Array): Prefix {
  const copied = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copied.set(values);
  return copied;
}

/** Prefixes one after the other; onnxruntime takes no shared memory. */
function joined(prefixes: readonly Prefix[]): Float32Array<ArrayBuffer> {
  const length = prefixes[0]?.length ?? 0;
  const all = new Float32Array(prefixes.length * length);
  prefixes.forEach((prefix, place) => all.set(prefix, place * length));
  return all;
}
