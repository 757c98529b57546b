import { type Manifest, partOf, type Task } from './manifest.ts';
import type { Prefix, TextBatch } from './runtime/messages.ts';

/** One text on its way through a text graph. */
export interface TextRow {
  readonly ids: Int32Array;
  /** Prefixes of the picture slots in order; missing ones are empty. */
  readonly slots: readonly (Prefix | undefined)[];
  /** Positions of `<s>` and `<o>`; relations only. */
  readonly head?: number;
  readonly tail?: number;
}

/** Sizes that batches are filled up to: a GPU prepares its kernels once for each shape it sees. */
export interface Buckets {
  /** Ascending. */
  readonly lengths: readonly number[];
  /** Ascending. */
  readonly rows: readonly number[];
}

/** How a batch is laid out. */
export interface PackOptions {
  readonly task: Task;
  readonly manifest: Manifest;
  /** Prefix of an empty slot; undefined for a task that reads text only. */
  readonly empty: Prefix | undefined;
  /** @default the rows as they are, padded to the longest */
  readonly buckets?: Buckets | undefined;
}

/** Rows padded to the longest, or to the next bucket; each distinct prefix once, that of the empty slot first. */
export function packBatch(rows: readonly TextRow[], { task, manifest, empty, buckets }: PackOptions): TextBatch {
  const longest = Math.max(...rows.map((row) => row.ids.length));
  const limit = partOf(manifest, task).maxSeq;
  const length = Math.min(Math.max(longest, limit), filled(buckets?.lengths, longest));
  const count = filled(buckets?.rows, rows.length);
  const ids = new Int32Array(count * length).fill(manifest.tokenizer.pad);
  const mask = new Int32Array(count * length);
  rows.forEach((row, i) => {
    ids.set(row.ids, i * length);
    mask.fill(1, i * length, i * length + row.ids.length);
  });
  const batch = { task, rows: count, length, ids, mask, ...(empty && packPrefixes(rows, count, empty, manifest)) };
  if (task === 'ner') return batch;
  const positions = (pick: (row: TextRow) => number | undefined) => {
    const values = new Int32Array(count);
    rows.forEach((row, i) => (values[i] = pick(row) ?? 0));
    return values;
  };
  return { ...batch, head: positions((row) => row.head), tail: positions((row) => row.tail) };
}

function packPrefixes(rows: readonly TextRow[], count: number, empty: Prefix, manifest: Manifest) {
  const { images } = manifest.size;
  const places = new Map<Prefix, number>([[empty, 0]]);
  const prefixIndex = new Int32Array(count * images);
  rows.forEach((row, i) => {
    row.slots.slice(0, images).forEach((prefix, slot) => {
      if (!prefix) return;
      if (!places.has(prefix)) places.set(prefix, places.size);
      prefixIndex[i * images + slot] = places.get(prefix) as number;
    });
  });
  return { prefixes: [...places.keys()], prefixIndex };
}

/** Pieces of a batch of so many rows, the longest of this length, once it is filled up; no batch has more rows than the largest bucket. */
export function filledPieces(buckets: Buckets | undefined, rows: number, longest: number): number {
  if (buckets && rows > (buckets.rows.at(-1) as number)) return Number.POSITIVE_INFINITY;
  return filled(buckets?.rows, rows) * filled(buckets?.lengths, longest);
}

/** The smallest bucket that holds a size, or the size itself. */
function filled(buckets: readonly number[] | undefined, size: number): number {
  return buckets?.find((bucket) => bucket >= size) ?? size;
}

/** The buffers of a batch that are to be moved to a worker; prefixes are shared. */
export function buffersOf(batch: TextBatch): ArrayBuffer[] {
  const arrays = [batch.ids, batch.mask, batch.prefixIndex, batch.head, batch.tail];
  return arrays.flatMap((array) => (array ? [array.buffer] : []));
}

/** Each row's share of a batch's output, without its padding: emissions [pieces, labels] or logits [labels]. */
export function unpackBatch(
  batch: Pick<TextBatch, 'task' | 'rows'>,
  rows: readonly TextRow[],
  output: Float32Array,
  labels: number,
): Float32Array[] {
  const stride = output.length / batch.rows;
  return rows.map((row, i) => {
    const used = batch.task === 'ner' ? row.ids.length * labels : stride;
    return output.subarray(i * stride, i * stride + used);
  });
}
