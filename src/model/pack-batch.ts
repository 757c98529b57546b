import type { Manifest, Task } from './manifest.ts';
import type { TextBatch } from './runtime/messages.ts';

/** A picture's keys and values for one task. */
export type Prefix = Float32Array<ArrayBuffer>;

/** One text on its way through a text graph. */
export interface TextRow {
  readonly ids: Int32Array;
  /** Prefixes of the picture slots in order; missing ones are empty. */
  readonly slots: readonly Prefix[];
  /** Positions of `<s>` and `<o>`; relations only. */
  readonly head?: number;
  readonly tail?: number;
}

/** Rows padded to the longest, each distinct prefix once, that of the empty slot first. */
export function packBatch(task: Task, rows: readonly TextRow[], empty: Prefix, manifest: Manifest): TextBatch {
  const length = Math.max(...rows.map((row) => row.ids.length));
  const { images } = manifest.size;
  const places = new Map<Prefix, number>([[empty, 0]]);
  const ids = new Int32Array(rows.length * length).fill(manifest.tokenizer.pad);
  const mask = new Int32Array(rows.length * length);
  const prefixIndex = new Int32Array(rows.length * images);
  rows.forEach((row, i) => {
    ids.set(row.ids, i * length);
    mask.fill(1, i * length, i * length + row.ids.length);
    row.slots.slice(0, images).forEach((prefix, slot) => {
      if (!places.has(prefix)) places.set(prefix, places.size);
      prefixIndex[i * images + slot] = places.get(prefix) as number;
    });
  });
  const prefix = new Float32Array(places.size * empty.length);
  for (const [values, place] of places) prefix.set(values, place * empty.length);
  const batch = { task, rows: rows.length, length, ids, mask, prefix, prefixIndex };
  if (task === 'ner') return batch;
  const positions = (pick: (row: TextRow) => number | undefined) => Int32Array.from(rows, (row) => pick(row) ?? 0);
  return { ...batch, head: positions((row) => row.head), tail: positions((row) => row.tail) };
}

/** The buffers of a batch, to be moved to a worker. */
export function buffersOf(batch: TextBatch): ArrayBuffer[] {
  const arrays = [batch.ids, batch.mask, batch.prefix, batch.prefixIndex, batch.head, batch.tail];
  return arrays.flatMap((array) => (array ? [array.buffer] : []));
}

/** Each row's share of a batch's output, without its padding: emissions [pieces, labels] or logits [labels]. */
export function unpackBatch(
  task: Task,
  rows: readonly TextRow[],
  output: Float32Array,
  labels: number,
): Float32Array[] {
  const stride = output.length / rows.length;
  return rows.map((row, i) => {
    const used = task === 'ner' ? row.ids.length * labels : stride;
    return output.subarray(i * stride, i * stride + used);
  });
}
