/**
 * A process that writes batches to a Neo4j graph until it is told to stop, and gives events their positions as every
 * writing process does. Its parent sends its orders as the first message.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Extraction } from '../../../src/domain/extraction.ts';
import { isRetryable } from '../../../src/errors.ts';
import type { GraphStore, UpsertOutcome } from '../../../src/graph/graph-store.ts';
import { neo4jGraph } from '../../../src/graph/neo4j/neo4j-graph.ts';
import { EventRelay } from '../../../src/graph/outbox/event-relay.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { batchOf } from './batches.ts';
import { type Go, STOP, type WriterOrders, type WriterReport } from './orders.ts';

/** Short, so that a batch is given back to the writer while the database is away. */
const TRANSACTION_RETRY_MS = 1_000;
const PAUSE_MS = 100;
const RELAY = { intervalMs: 50, leaseMs: 2_000, limit: 100 };

process.once('message', (orders: WriterOrders) => {
  write(orders).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
// Nobody is left who could end this process.
process.on('disconnect', () => void sleep(10_000, undefined, { ref: false }).then(() => process.exit(1)));

async function write({ seed, writer, graph: place }: WriterOrders): Promise<void> {
  const leash = new Leash();
  const graph = await neo4jGraph({ ...place, transactionRetryMs: TRANSACTION_RETRY_MS });
  await using _reader = graph.reader;
  await using store = graph.store;
  const telemetry = createTelemetry(createLogger('silent'));
  await using relay = new EventRelay({ store, holder: `writer ${writer}`, ...RELAY, telemetry });
  const count = new Count();
  for (let number = 0; await leash.allows(number); number++) {
    count.applied(await applied(store, batchOf(seed, writer, number), () => count.failed()));
    relay.nudge();
  }
}

/** How far this writer may go: the parent keeps the writers side by side, so that they speak of the same posts. */
class Leash {
  #before = 0;
  #isStopping = false;

  constructor() {
    process.on('message', (message: Go) => {
      if (message === STOP) this.#isStopping = true;
      else this.#before = message.before;
    });
  }

  /** Waits until a batch may be written; false when none may be any more. */
  async allows(number: number): Promise<boolean> {
    // Lets a message come in that is waiting.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#isStopping && number >= this.#before) await once(process, 'message');
    return !this.#isStopping;
  }
}

/** Applies a batch, as often as it takes. */
async function applied(
  store: GraphStore,
  batch: readonly Extraction[],
  onFailure: () => void,
): Promise<readonly UpsertOutcome[]> {
  for (;;) {
    try {
      return await store.replacePosts(batch);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      onFailure();
      await sleep(PAUSE_MS);
    }
  }
}

/** Counts and tells the parent. */
class Count {
  #batches = 0;
  #retries = 0;
  readonly #outcomes: Record<string, number> = {};

  applied(outcomes: readonly UpsertOutcome[]): void {
    this.#batches++;
    for (const outcome of outcomes) this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    this.#tell();
  }

  failed(): void {
    this.#retries++;
    this.#tell();
  }

  #tell(): void {
    const report: WriterReport = { batches: this.#batches, retries: this.#retries, outcomes: this.#outcomes };
    process.send?.(report);
  }
}
