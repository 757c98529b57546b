import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyOrder } from '../../../src/consumers/runtime/key-order.ts';

test('turns of one key come in the order they were taken, however long each takes', async () => {
  const work = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), delay: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(work, async (items) => {
      const order = new KeyOrder();
      const seen: Record<string, number[]> = {};
      await Promise.all(
        items.map(async ({ key, delay }, i) => {
          const turn = order.enter(key);
          await sleep(delay);
          await turn.reached;
          (seen[key] ??= []).push(i);
          turn.leave();
        }),
      );
      for (const list of Object.values(seen)) expect(list).toEqual(list.toSorted((a, b) => a - b));
    }),
    { numRuns: 40 },
  );
});

test('different keys do not wait for each other, and idle keys are forgotten', async () => {
  const order = new KeyOrder();
  const first = order.enter('a');
  const second = order.enter('a');
  const other = order.enter('b');
  await other.reached;
  let reached = false;
  void second.reached.then(() => (reached = true));
  await sleep(1);
  expect(reached).toBe(false);
  first.leave();
  await second.reached;
  second.leave();
  other.leave();
  await sleep(1);
  expect(order.size).toBe(0);
});
