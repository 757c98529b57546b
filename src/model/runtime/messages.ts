import type { ImageOutcome } from '../../domain/image.ts';
import type { Manifest, Task } from '../manifest.ts';

/** Where the graphs run. */
export type Device = 'cpu' | 'cuda' | 'webgpu';

/** What a model worker is started with. */
export interface ModelWorkerData {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly device: Device;
}

/** A picture's keys and values per task, float32 [layers, 2, headsPerImage, prefixSlots, headSize]. */
export type Prefixes = Readonly<Record<Task, Float32Array<ArrayBuffer>>>;

/** A worker's answer about one picture. */
export type ImageReply =
  | { readonly outcome: 'ok'; readonly prefixes: Prefixes }
  | { readonly outcome: Exclude<ImageOutcome, 'ok'> };

/** A padded batch of rows for one text graph. */
export interface TextBatch {
  readonly task: Task;
  readonly rows: number;
  /** Pieces per row, padding included. */
  readonly length: number;
  /** [rows, length] */
  readonly ids: Int32Array<ArrayBuffer>;
  /** [rows, length], 1 on real pieces. */
  readonly mask: Int32Array<ArrayBuffer>;
  /** Distinct prefixes one after the other; the first is that of the empty slot. */
  readonly prefix: Float32Array<ArrayBuffer>;
  /** [rows, images], which prefix is in which slot. */
  readonly prefixIndex: Int32Array<ArrayBuffer>;
  /** Positions of `<s>` and `<o>` per row; relations only. */
  readonly head?: Int32Array<ArrayBuffer>;
  readonly tail?: Int32Array<ArrayBuffer>;
}
