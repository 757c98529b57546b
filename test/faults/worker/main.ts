/**
 * A consumer process of the fault run: both stages as they ship, over the real Kafka and the real graph, with a watch on
 * every port. Its parent sends its orders as the first message; SIGTERM ends it in order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordSource } from '../../../src/consumers/record-source.ts';
import { TraceWriter } from '../trace.ts';
import { FailPoints } from './fail-points.ts';
import { type Orders, RELEASE } from './orders.ts';
import { Stages } from './stages.ts';

const DRAIN_MS = 4_000;

process.once('message', (orders: Orders) => {
  work(orders).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
// Nobody is left who could end this process.
process.on('disconnect', () => void sleep(10_000, undefined, { ref: false }).then(() => process.exit(1)));

async function work(orders: Orders): Promise<void> {
  const trace = new TraceWriter(orders.trace, orders.who);
  const points = new FailPoints(trace, orders.failAt, orders.holdAfter);
  process.on('message', (message) => {
    if (message === RELEASE) points.release();
  });
  const stopping = new AbortController();
  const abandoning = new AbortController();
  await using stages = new Stages(orders, points, abandoning.signal);
  const stop = () => {
    if (stopping.signal.aborted) return;
    points.draining = true;
    trace.write({ what: 'draining' });
    stopping.abort();
    void sleep(DRAIN_MS, undefined, { ref: false }).then(() => {
      abandoning.abort();
      return stages[Symbol.asyncDispose]();
    });
  };
  process.on('SIGTERM', stop);
  const stopOnSignal = (source: RecordSource) => {
    if (stopping.signal.aborted) source.stop();
    else stopping.signal.addEventListener('abort', () => source.stop(), { once: true });
  };
  trace.write({ what: 'started' });
  // A stage that fails ends the other one, too.
  const failing = (run: Promise<void>) => run.finally(stop);
  await Promise.all([failing(stages.extract(stopOnSignal)), failing(stages.upsert(stopOnSignal))]);
}
