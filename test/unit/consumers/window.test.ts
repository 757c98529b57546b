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

/** The same rules told with lists: sizes in flight, and those that wait with whether they were let in. */
interface Lists {
  readonly inFlight: number[];
  readonly waiting: { readonly size: number; admitted: boolean }[];
}

const BOUNDS = { records: 4, bytes: 100 };
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
const fits = ({ inFlight }: Lists, size: number) =>
  inFlight.length === 0 || (inFlight.length < BOUNDS.records && sum(inFlight) + size <= BOUNDS.bytes);

/** Moves those that were let in, and checks that it is those that had to be, in the order of their calls. */
async function settle(window: Window, lists: Lists): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (let next = lists.waiting[0]; next?.admitted; next = lists.waiting[0]) {
    expect(fits(lists, next.size)).toBe(true);
    lists.inFlight.push(next.size);
    lists.waiting.shift();
  }
  expect(lists.waiting.some(({ admitted }) => admitted)).toBe(false);
  const [head] = lists.waiting;
  // Nobody waits without need, so nobody waits for ever.
  if (head) expect(fits(lists, head.size)).toBe(false);
  expect([window.records, window.bytes]).toEqual([lists.inFlight.length, sum(lists.inFlight)]);
}

test('is never over its bound nor idle without need, and any order of releases drains it', async () => {
  const step = fc.oneof(
    fc.record({ acquire: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 90, max: 300 })) }),
    fc.record({ release: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.infiniteStream(fc.nat()), async (steps, picks) => {
      const window = new Window(BOUNDS);
      const lists: Lists = { inFlight: [], waiting: [] };
      const release = async (pick: number) => {
        const [size] = lists.inFlight.splice(pick % lists.inFlight.length, 1);
        if (size !== undefined) window.release(size);
        await settle(window, lists);
      };
      for (const each of steps) {
        if ('release' in each) await release(each.release);
        else {
          const entry = { size: each.acquire, admitted: false };
          lists.waiting.push(entry);
          void window.acquire(entry.size).then(() => (entry.admitted = true));
          await settle(window, lists);
        }
      }
      let drained = false;
      void window.drained().then(() => (drained = true));
      while (lists.inFlight.length > 0) await release(picks.next().value as number);
      await settle(window, lists);
      expect(lists.waiting).toEqual([]);
      expect(drained).toBe(true);
    }),
    { numRuns: 100 },
  );
});
