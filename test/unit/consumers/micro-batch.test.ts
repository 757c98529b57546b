import { expect, test } from 'vitest';
import { MicroBatch } from '../../../src/consumers/runtime/micro-batch.ts';

test('keeps the order, never runs two batches at once and never exceeds the size', async () => {
  const flushed: number[][] = [];
  let running = 0;
  const batch = new MicroBatch<number, number>({
    maxItems: 7,
    async flush(items) {
      expect(++running).toBe(1);
      flushed.push([...items]);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return items.map((value) => ({ value: value * 2 }));
    },
  });
  const results = await Promise.all(Array.from({ length: 40 }, (_, i) => batch.add(i)));
  await batch.drained();
  expect(results).toEqual(Array.from({ length: 40 }, (_, i) => i * 2));
  expect(flushed.flat()).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(Math.max(...flushed.map((items) => items.length))).toBe(7);
});

test("an error of one item is its own; an error of the flush is that batch's, and the next batch goes on", async () => {
  const batch = new MicroBatch<string, string>({
    maxItems: 3,
    async flush(items) {
      if (items.includes('broken batch')) throw new Error('whole');
      return items.map((item) => (item === 'bad' ? { error: new Error('own') } : { value: item }));
    },
  });
  const settled = await Promise.allSettled(
    ['a', 'bad', 'b', 'broken batch', 'c', 'd', 'e'].map((item) => batch.add(item)),
  );
  expect(settled.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message))).toEqual([
    'a',
    'own',
    'b',
    'whole',
    'whole',
    'whole',
    'e',
  ]);
});
