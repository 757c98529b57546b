import { expect, test } from 'vitest';
import { Lazy } from '../../../src/consumers/runtime/lazy.ts';

function counted(fails = 0) {
  const counts = { opened: 0, closed: 0 };
  const lazy = new Lazy(async () => {
    if (counts.opened++ < fails) throw new Error('not now');
    return { [Symbol.asyncDispose]: async () => void counts.closed++ };
  });
  return { counts, lazy };
}

test('it is opened once, by the first who asks, and closed with its owner', async () => {
  const { counts, lazy } = counted();
  const [one, other] = await Promise.all([lazy.get(), lazy.get()]);
  expect([one === other, counts.opened]).toEqual([true, 1]);
  await lazy[Symbol.asyncDispose]();
  expect(counts).toEqual({ opened: 1, closed: 1 });
});

test('one that nobody asked for is neither opened nor closed', async () => {
  const { counts, lazy } = counted();
  await lazy[Symbol.asyncDispose]();
  expect(counts).toEqual({ opened: 0, closed: 0 });
});

test('one that could not be opened is tried again by the next who asks', async () => {
  const { counts, lazy } = counted(1);
  await expect(lazy.get()).rejects.toThrow('not now');
  await lazy.get();
  await lazy[Symbol.asyncDispose]();
  expect(counts).toEqual({ opened: 2, closed: 1 });
});
