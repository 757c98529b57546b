import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Circuit } from '../../../src/consumers/runtime/circuit.ts';
import { withRetry } from '../../../src/consumers/runtime/retry.ts';
import { createStageGauges } from '../../../src/consumers/runtime/stage-gauges.ts';
import { Window } from '../../../src/consumers/runtime/window.ts';
import { GrapevineError } from '../../../src/errors.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

const { events } = createTelemetry(createLogger('silent'));
const options = (circuit: Circuit) => ({ circuit, events, signal: new AbortController().signal, baseMs: 1, maxMs: 2 });
const down = () => new GrapevineError('GRAPH_TRANSIENT', 'down', { retryable: true });

test('opens after three failures in a row, lets those wait who would begin, and closes at the first answer', async () => {
  const told: boolean[] = [];
  const circuit = new Circuit('graph', (open) => told.push(open));
  let calls = 0;
  const seen: boolean[] = [];
  const result = await withRetry(async () => {
    seen.push(circuit.open);
    if (++calls < 6) throw down();
    return 'there';
  }, options(circuit));
  expect(result).toBe('there');
  expect(seen).toEqual([false, false, false, true, true, true]);
  expect(told).toEqual([true, false]);
  expect(circuit.open).toBe(false);
});

test('failures with an answer between them open nothing', async () => {
  const circuit = new Circuit('graph');
  for (let i = 0; i < 5; i++) {
    circuit.failed();
    circuit.failed();
    circuit.succeeded();
  }
  expect(circuit.open).toBe(false);
  await circuit.closed();
});

test('a refusal is an answer', async () => {
  const circuit = new Circuit('graph');
  let calls = 0;
  const call = withRetry(async () => {
    if (++calls < 5) throw down();
    throw new GrapevineError('GRAPH_REJECTED', 'no');
  }, options(circuit));
  await expect(call).rejects.toMatchObject({ code: 'GRAPH_REJECTED' });
  expect(circuit.open).toBe(false);
});

test('waiting ends when it closes, or when the signal says so', async () => {
  const circuit = new Circuit('graph');
  for (let i = 0; i < 3; i++) circuit.failed();
  const giveUp = new AbortController();
  const order: string[] = [];
  const waiting = circuit.closed().then(() => order.push('closed'));
  const given = circuit.closed(giveUp.signal).then(() => order.push('given up'));
  giveUp.abort();
  await given;
  circuit.succeeded();
  await waiting;
  expect(order).toEqual(['given up', 'closed']);
});

test('windows and circuits show how they stand whenever they are read', async () => {
  const registry = new Registry();
  const circuit = new Circuit('graph');
  const window = new Window({ records: 5, bytes: 100 });
  createStageGauges(registry).watch({ name: 'upsert', window, circuits: [circuit] });
  const read = async () => (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));
  await window.acquire(30);
  expect(await read()).toEqual([
    'grapevine_window_records{stage="upsert"} 1',
    'grapevine_window_bytes{stage="upsert"} 30',
    'grapevine_circuit_open{dependency="graph"} 0',
  ]);
  for (let i = 0; i < 3; i++) circuit.failed();
  window.release(30);
  expect(await read()).toEqual([
    'grapevine_window_records{stage="upsert"} 0',
    'grapevine_window_bytes{stage="upsert"} 0',
    'grapevine_circuit_open{dependency="graph"} 1',
  ]);
});
