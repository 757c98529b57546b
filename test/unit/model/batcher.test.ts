import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchQueue } from '../../../src/model/batcher.ts';
import { buffersOf, packBatch, unpackBatch } from '../../../src/model/pack-batch.ts';
import type { ModelPool } from '../../../src/model/runtime/model-pool.ts';
import { type BatchLimits, takeBatch } from '../../../src/model/take-batch.ts';
import { readManifest } from '../../helpers/model-bundle.ts';
import { toPrefix } from '../../helpers/model-prefix.ts';

const length = (value: number) => value;
const limits = (budget: number, callCost = 1000): BatchLimits => ({
  window: 64,
  budget,
  callCost,
  costOf: (entries, longest) => entries * longest,
});
const use = (job: (worker: never) => unknown) => job(undefined as never);
const idle = { use } as unknown as ModelPool;

describe('taking a batch', () => {
  it('takes what fills it best, and leaves the rest in order', () => {
    const queue = [50, 10, 30, 11, 9, 31];
    expect(takeBatch(queue, length, limits(62), false)).toEqual([30, 31]);
    expect(queue).toEqual([50, 10, 11, 9]);
  });

  it('takes the oldest and what is near to it, when it must', () => {
    const queue = [10, 50, 11, 9, 49];
    expect(takeBatch(queue, length, limits(44), true)).toEqual([9, 10, 11]);
    expect(takeBatch([10, 50, 49], length, limits(200), true)).toEqual([10, 49, 50]);
    expect(queue).toEqual([50, 49]);
  });

  it('takes a row alone that exceeds the budget', () => {
    expect(takeBatch([900, 5], length, limits(100), true)).toEqual([900]);
    expect(takeBatch([], length, limits(100), false)).toEqual([]);
  });

  it('pads no more than saving a call is worth', () => {
    expect(takeBatch([10, 20, 19, 20.5], length, limits(1000, 4), false)).toEqual([19, 20, 20.5]);
    expect(takeBatch([10, 20, 19, 20.5], length, limits(1000, 400), false)).toEqual([10, 19, 20, 20.5]);
  });

  it('loses nothing, keeps the limits and the order of the rest', () => {
    const rows = fc.array(
      fc.integer({ min: 1, max: 128 }).map((size) => ({ size })),
      { maxLength: 150 },
    );
    fc.assert(
      fc.property(rows, fc.boolean(), (entries, withOldest) => {
        const queue = [...entries];
        const batches: { size: number }[][] = [];
        while (queue.length > 0) {
          const [oldest] = queue;
          const batch = takeBatch(queue, (entry) => entry.size, limits(512, 12), withOldest);
          if (withOldest) expect(batch).toContain(oldest);
          const cost = Math.max(...batch.map((entry) => entry.size)) * batch.length;
          expect(cost).toBeLessThanOrEqual(512);
          const places = queue.map((entry) => entries.indexOf(entry));
          expect(places).toEqual([...places].sort((a, b) => a - b));
          batches.push(batch);
        }
        expect(new Set(batches.flat()).size).toBe(entries.length);
      }),
    );
  });
});

describe('the queue of a graph', () => {
  it('puts rows of one turn into one batch and answers each with its own output', async () => {
    const sizes: number[] = [];
    const queue = new BatchQueue<number, number>({
      pool: idle,
      limits: limits(100),
      lengthOf: length,
      run: async (_, rows) => {
        sizes.push(rows.length);
        return rows.map((row) => row * 2);
      },
    });
    expect(await Promise.all([20, 21, 22, 23, 24].map((row) => queue.run(row)))).toEqual([40, 42, 44, 46, 48]);
    expect(sizes).toEqual([4, 1]);
  });

  it('lets other work go first until many rows wait', async () => {
    const asked: string[] = [];
    const pool = {
      use: async (job: (worker: never) => unknown, urgency: () => string) => {
        asked.push(urgency());
        return job(undefined as never);
      },
    } as unknown as ModelPool;
    const queue = new BatchQueue<number, number>({
      pool,
      limits: limits(64),
      lengthOf: length,
      run: async (_, rows) => rows,
    });
    await queue.run(1);
    await Promise.all(Array.from({ length: 32 }, () => queue.run(1)));
    expect(asked).toEqual(['later', 'soon']);
  });

  it('fails the rows of a failed batch only', async () => {
    const queue = new BatchQueue<number, number>({
      pool: idle,
      limits: limits(10),
      lengthOf: length,
      run: async (_, rows) => {
        if (rows.includes(9)) throw new Error('broken');
        return rows;
      },
    });
    const results = await Promise.allSettled([1, 9, 2].map((row) => queue.run(row)));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('packing rows', () => {
  const whole = readManifest();
  const manifest = {
    ...whole,
    size: { ...whole.size, layers: 1, headsPerImage: 1, prefixSlots: 1, headSize: 1 },
  };
  const empty = toPrefix([0, 0]);
  const picture = toPrefix([1, 2]);

  it('pads to the longest and stores each prefix once', () => {
    const rows = [
      { ids: Int32Array.of(7, 8, 9), slots: [picture] },
      { ids: Int32Array.of(7), slots: [] },
      { ids: Int32Array.of(7, 8), slots: [empty, picture] },
    ];
    const batch = packBatch(rows, { task: 'ner', manifest, empty });
    const { pad } = manifest.tokenizer;
    expect([...batch.ids]).toEqual([7, 8, 9, 7, pad, pad, 7, 8, pad]);
    expect([...batch.mask]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0]);
    expect((batch.prefixes ?? []).flatMap((prefix) => [...prefix])).toEqual([0, 0, 1, 2]);
    expect([...(batch.prefixIndex ?? [])]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
    expect(batch.head).toBeUndefined();
  });

  it('fills up to the next bucket, never beyond the longest text the model takes', () => {
    const rows = [{ ids: Int32Array.of(7, 8, 9), slots: [picture], head: 1, tail: 2 }];
    const buckets = { lengths: [2, 5, 1000], rows: [4] };
    const batch = packBatch(rows, { task: 're', manifest, empty, buckets });
    expect([batch.rows, batch.length]).toEqual([4, 5]);
    expect([...batch.mask]).toEqual([1, 1, 1, ...Array<number>(17).fill(0)]);
    expect([...(batch.head ?? [])]).toEqual([1, 0, 0, 0]);
    const long = [{ ids: new Int32Array(100), slots: [] }];
    expect(packBatch(long, { task: 're', manifest, empty, buckets }).length).toBe(manifest.re.maxSeq);
    const output = Float32Array.from({ length: 8 }, (_, i) => i);
    expect(unpackBatch(batch, rows, output, 2).map((row) => [...row])).toEqual([[0, 1]]);
  });

  it('has no prefixes for a model that reads text only', () => {
    const batch = packBatch([{ ids: Int32Array.of(7), slots: [undefined] }], {
      task: 'ner',
      manifest,
      empty: undefined,
    });
    expect(batch).not.toHaveProperty('prefix');
    expect(buffersOf(batch)).toHaveLength(2);
  });

  it('gives each row its own output back, without padding', () => {
    const rows = [
      { ids: Int32Array.of(1, 2), slots: [] },
      { ids: Int32Array.of(1), slots: [] },
    ];
    const output = Float32Array.from({ length: 8 }, (_, i) => i);
    expect(unpackBatch({ task: 'ner', rows: 2 }, rows, output, 2).map((row) => [...row])).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
    expect(unpackBatch({ task: 're', rows: 2 }, rows, output, 4).map((row) => [...row])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });
});
