import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Window } from '../../../src/consumers/runtime/window.ts';

test('never holds more than its bounds, whatever is acquired and released', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), async (sizes) => {
      const window = new Window({ records: 4, bytes: 100 });
      let records = 0;
      let bytes = 0;
      await Promise.all(
        sizes.map(async (size) => {
          await window.acquire(size);
          records++;
          bytes += size;
          expect(records).toBeLessThanOrEqual(4);
          expect(bytes).toBeLessThanOrEqual(100);
          await new Promise((resolve) => setImmediate(resolve));
          records--;
          bytes -= size;
          window.release(size);
        }),
      );
      await window.drained();
      expect(window.records).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('lets a record that is larger than the bound in when nothing else is', async () => {
  const window = new Window({ records: 4, bytes: 10 });
  await window.acquire(5);
  let admitted = false;
  const large = window.acquire(1000).then(() => (admitted = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(admitted).toBe(false);
  window.release(5);
  await large;
  expect(window.records).toBe(1);
});

test('admits in the order of the calls', async () => {
  const window = new Window({ records: 1, bytes: 100 });
  await window.acquire(1);
  const admitted: number[] = [];
  const all = [60, 10, 30].map((size) => window.acquire(size).then(() => admitted.push(size)));
  for (const size of [1, 60, 10]) {
    window.release(size);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  expect(admitted).toEqual([60, 10, 30]);
});
