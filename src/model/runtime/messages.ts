import type { Box, ImageOutcome, Region } from '../../domain/image.ts';
import type { Manifest, Task } from '../manifest.ts';
import type { DetectorSettings } from '../regions/detector-settings.ts';

/** Where the graphs run. */
export type Device = 'cpu' | 'cuda' | 'webgpu';

/** What a model worker is started with. */
export interface ModelWorkerData {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly device: Device;
  /** What finds regions in pictures; without it only given regions are read. */
  readonly detector?: { readonly file: string; readonly settings: DetectorSettings };
}

/**
 * A picture's keys and values for one task, float32 [layers, 2, headsPerImage, prefixSlots, headSize].
 *
 * In memory that all threads share: it goes into many batches, and the main thread, which must be free, copies none of them.
 */
export type Prefix = Float32Array<SharedArrayBuffer>;

/** A picture's prefixes per task that reads pictures. */
export type Prefixes = Readonly<Partial<Record<Task, Prefix>>>;

/** Which parts of a picture are asked for: the whole (undefined) or boxes of it; `detect` asks for the whole and what is found. */
export type Crops = readonly (Box | undefined)[] | 'detect';

/** A picture on its way to a worker. */
export interface ImageRequest {
  readonly bytes: Uint8Array;
  readonly crops: Crops;
}

/** A worker's answer about one picture. */
export type ImageReply =
  | {
      readonly outcome: 'ok';
      /** Prefixes of each crop, in order; undefined for a box without pixels. */
      readonly slots: readonly (Prefixes | undefined)[];
      /** What was found where regions were looked for, best first; absent where there is nothing. */
      readonly regions?: readonly Region[];
    }
  | { readonly outcome: Exclude<ImageOutcome, 'ok'> };

/** A padded batch of rows for one text graph. */
export interface TextBatch {
  readonly task: Task;
  /** Rows of the batch, those that only fill it up included. */
  readonly rows: number;
  /** Pieces per row, padding included. */
  readonly length: number;
  /** [rows, length] */
  readonly ids: Int32Array<ArrayBuffer>;
  /** [rows, length], 1 on real pieces. */
  readonly mask: Int32Array<ArrayBuffer>;
  /** Distinct prefixes, the first that of the empty slot; absent for a model that reads text only. */
  readonly prefixes?: readonly Prefix[];
  /** [rows, images], which prefix is in which slot. */
  readonly prefixIndex?: Int32Array<ArrayBuffer>;
  /** Positions of `<s>` and `<o>` per row; relations only. */
  readonly head?: Int32Array<ArrayBuffer>;
  readonly tail?: Int32Array<ArrayBuffer>;
}
