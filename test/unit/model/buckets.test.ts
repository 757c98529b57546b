import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { deviceProfile } from '../../../src/model/device-profile.ts';
import { partOf, prefixLength, type Task, tasksOf } from '../../../src/model/manifest.ts';
import { type Buckets, filledPieces, packBatch, type TextRow, unpackBatch } from '../../../src/model/pack-batch.ts';
import { Graphs } from '../../../src/model/runtime/graphs.ts';
import type { Prefix, Prefixes } from '../../../src/model/runtime/messages.ts';
import { takeBatch } from '../../../src/model/take-batch.ts';
import { toPrefix } from '../../helpers/model-prefix.ts';
import { readTinyManifest, TINY_BUNDLE } from '../../helpers/tiny-bundle.ts';

// Rows of a batch share matrix products, whose order of additions depends on the shape; scores go up to 4 here.
const ATOL = 1e-5;

const manifest = readTinyManifest();
const { cls, sep } = manifest.tokenizer;
const { maxSeq } = partOf(manifest, 'ner');
const { buckets, callCost, tokenBudget, window } = deviceProfile('cuda') as {
  buckets: Buckets;
  callCost: number;
  tokenBudget: number;
  window: number;
};
const pieces = manifest.tokenizer.markers?.headStart as number;

let graphs: Graphs;
let empty: Prefixes;

beforeAll(async () => {
  graphs = await Graphs.load({ dir: TINY_BUNDLE, manifest, device: 'cpu' });
  empty = await graphs.empty();
});

/** Made-up prefixes, of the size of a picture's. */
const pictures: Prefix[] = [1, 2, 3].map((k) =>
  toPrefix(Float32Array.from({ length: prefixLength(manifest) }, (_, i) => Math.sin(i * k))),
);

/** A row as the service makes them, no shorter than `[CLS] x [SEP]`. */
const row = fc
  .record({
    inner: fc.array(fc.integer({ min: 5, max: pieces - 1 }), { minLength: 1, maxLength: maxSeq - 2 }),
    slots: fc.array(fc.option(fc.constantFrom(...pictures), { nil: undefined }), { maxLength: manifest.size.images }),
    places: fc.tuple(fc.nat(), fc.nat()),
  })
  .map(({ inner, slots, places: [head, tail] }): TextRow => {
    const ids = Int32Array.of(cls, ...inner, sep);
    return { ids, slots, head: head % ids.length, tail: tail % ids.length };
  });

const rowOf = (length: number): TextRow => ({ ids: new Int32Array(length).fill(7), slots: [], head: 0, tail: 0 });

async function run(task: Task, rows: readonly TextRow[], fill: Buckets | undefined): Promise<Float32Array[]> {
  const batch = packBatch(rows, { task, manifest, empty: empty[task], buckets: fill });
  const shape = { task, rows: batch.rows };
  return unpackBatch(shape, rows, await graphs.text(batch), partOf(manifest, task).labels.length);
}

function expectClose(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expect(actual.map((values) => values.length)).toEqual(expected.map((values) => values.length));
  actual.forEach((values, i) => {
    const off = values.reduce((most, value, k) => Math.max(most, Math.abs(value - (expected[i]?.[k] as number))), 0);
    expect(off).toBeLessThanOrEqual(ATOL);
  });
}

describe('a batch that is filled up to a bucket', () => {
  it.each(tasksOf(manifest))('gives every row of %s what it gets alone and in an exact batch', async (task) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 9 }), async (rows) => {
        const exact = await run(task, rows, undefined);
        expectClose(await run(task, rows, buckets), exact);
        const alone = await Promise.all(rows.map((one) => run(task, [one], buckets)));
        expectClose(alone.flat(), exact);
      }),
      { numRuns: 25 },
    );
  });

  it('has the shape of its bucket, and rows of padding only that read the empty slots', () => {
    const batch = packBatch([rowOf(9), rowOf(12), rowOf(5)], { task: 're', manifest, empty: empty.re, buckets });
    expect([batch.rows, batch.length]).toEqual([4, 16]);
    expect(batch.ids.subarray(48).every((id) => id === manifest.tokenizer.pad)).toBe(true);
    expect(batch.mask.subarray(48).every((bit) => bit === 0)).toBe(true);
    expect([...(batch.prefixIndex as Int32Array).subarray(12), batch.head?.[3], batch.tail?.[3]]).toEqual([
      0, 0, 0, 0, 0, 0,
    ]);
  });

  it('is never longer than the bundle allows', () => {
    for (let length = 3; length <= maxSeq; length++) {
      const batch = packBatch([rowOf(length)], { task: 'ner', manifest, empty: empty.ner, buckets });
      expect(batch.length).toBeGreaterThanOrEqual(length);
      expect(batch.length).toBeLessThanOrEqual(maxSeq);
    }
    const short = { ...manifest, ner: { ...partOf(manifest, 'ner'), maxSeq: 20 } } as typeof manifest;
    expect(packBatch([rowOf(18)], { task: 'ner', manifest: short, empty: empty.ner, buckets }).length).toBe(20);
  });
});

describe('the profile of a GPU', () => {
  const costOf = (rows: number, longest: number) => filledPieces(buckets, rows, longest);
  const take = (queue: TextRow[], budget = tokenBudget) =>
    takeBatch(queue, ({ ids }) => ids.length, { window, budget, callCost, costOf }, true);

  it('keeps the budget with everything that fills a batch up, and no batch has more rows than the largest bucket', () => {
    const lengths = fc.array(fc.integer({ min: 3, max: 512 }), { minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(lengths, fc.constantFrom(tokenBudget, 1000), (waiting, budget) => {
        const queue = waiting.map(rowOf);
        while (queue.length > 0) {
          const batch = take(queue, budget);
          const { rows, ids } = packBatch(batch, { task: 'ner', manifest, empty: empty.ner, buckets });
          expect(ids.length).toBeLessThanOrEqual(budget);
          expect(rows).toBeLessThanOrEqual(128);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('takes batches that a CPU would not, in few shapes', () => {
    const waiting = Array.from({ length: 300 }, () => rowOf(60));
    const { tokenBudget: budget, ...cpu } = deviceProfile('cpu');
    const exact = (rows: number, longest: number) => rows * longest;
    expect(take([...waiting])).toHaveLength(128);
    const few = takeBatch([...waiting], ({ ids }) => ids.length, { ...cpu, budget, costOf: exact }, true);
    expect(few).toHaveLength(4);
    expect(buckets.lengths.filter((length) => length <= 128).length * buckets.rows.length).toBeLessThan(64);
  });

  it('lets one thread alone use WebGPU, which all sessions of a process share', () => {
    expect(deviceProfile('webgpu')).toEqual({ ...deviceProfile('cuda'), maxWorkers: 1 });
  });
});

describe('the profile of a CPU', () => {
  it('fills nothing up', () => {
    expect(deviceProfile('cpu').buckets).toBeUndefined();
    expect(filledPieces(undefined, 3, 17)).toBe(51);
  });
});
