import { expect, test } from 'vitest';
import type { RelayOptions } from '../../../src/graph/graph-store.ts';
import { EventRelay } from '../../../src/graph/outbox/event-relay.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

const HOUR_MS = 3_600_000;

/** A store whose outbox holds a number of events, and fails while told to. */
class FakeStore {
  waiting = 0;
  calls = 0;
  fails = false;
  released: string[] = [];

  async relayEvents({ limit }: RelayOptions): Promise<number> {
    this.calls += 1;
    if (this.fails) throw new Error('broker is away');
    const moved = Math.min(limit, this.waiting);
    this.waiting -= moved;
    return moved;
  }

  async releaseLease(holder: string): Promise<void> {
    this.released.push(holder);
    if (this.fails) throw new Error('the graph is away');
  }
}

function relayOn(store: FakeStore, intervalMs = HOUR_MS): EventRelay {
  const publish = async () => {};
  const telemetry = createTelemetry(createLogger('silent'));
  return new EventRelay({ store, publish, holder: 'test', leaseMs: 1000, limit: 10, intervalMs, telemetry });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('moves everything in portions, at once when nudged and a last time at the end', async () => {
  const store = new FakeStore();
  store.waiting = 25;
  const relay = relayOn(store);
  await until(() => store.waiting === 0);
  expect(store.calls).toBe(3);
  store.waiting = 1;
  relay.nudge();
  await until(() => store.waiting === 0);
  store.waiting = 3;
  await relay[Symbol.asyncDispose]();
  expect(store.waiting).toBe(0);
});

test('a nudge during a pass is not lost', async () => {
  const store = new FakeStore();
  const relay = relayOn(store);
  relay.nudge();
  store.waiting = 1;
  await until(() => store.waiting === 0);
  await relay[Symbol.asyncDispose]();
});

test('looks by itself, survives failures and ends in spite of them', async () => {
  const store = new FakeStore();
  store.fails = true;
  const relay = relayOn(store, 1);
  await until(() => store.calls >= 3);
  store.fails = false;
  store.waiting = 5;
  await until(() => store.waiting === 0);
  store.fails = true;
  await relay[Symbol.asyncDispose]();
  const { calls } = store;
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(store.calls).toBe(calls);
});

test('one that publishes gives the lease back at its end, and ends even if it cannot', async () => {
  for (const fails of [false, true]) {
    const store = new FakeStore();
    const relay = relayOn(store);
    store.fails = fails;
    await relay[Symbol.asyncDispose]();
    expect(store.released).toEqual(['test']);
  }
});

test('one that does not publish counts nothing as published and has no lease to give back', async () => {
  const store = new FakeStore();
  store.waiting = 25;
  const telemetry = createTelemetry(createLogger('silent'));
  const relay = new EventRelay({ store, holder: 'test', leaseMs: 1000, limit: 10, intervalMs: HOUR_MS, telemetry });
  await relay[Symbol.asyncDispose]();
  expect(store.waiting).toBe(0);
  expect(store.released).toEqual([]);
  expect(await telemetry.registry.getSingleMetricAsString('grapevine_events_published_total')).toMatch(/total 0$/m);
});
