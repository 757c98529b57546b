import type { WorkerClient } from '../threads/worker-client.ts';
import type { ModelPool } from './runtime/model-pool.ts';
import { type BatchLimits, takeBatch } from './take-batch.ts';

/** Longest time that a row lets fuller batches go first, milliseconds. */
const PATIENCE_MS = 2000;

/** A row waits here until a worker is free. */
interface Waiting<Row, Output> {
  readonly row: Row;
  readonly since: number;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

/** What a queue needs to turn rows into outputs. */
export interface BatchQueueOptions<Row, Output> {
  readonly pool: ModelPool;
  readonly limits: BatchLimits;
  lengthOf(row: Row): number;
  /** Runs a batch; outputs in the rows' order. */
  run(worker: WorkerClient, rows: readonly Row[]): Promise<readonly Output[]>;
}

/**
 * Rows of one graph on their way to the workers.
 *
 * A batch is formed at the moment a worker is free, so nothing waits while a worker is idle. While all are busy, other work
 * goes first until many rows wait, so that rows of nearly one length come together, or until one has waited for long. How
 * many rows may wait is the caller's to limit.
 */
export class BatchQueue<Row, Output> {
  readonly #options: BatchQueueOptions<Row, Output>;
  readonly #waiting: Waiting<Row, Output>[] = [];
  #requested = false;

  constructor(options: BatchQueueOptions<Row, Output>) {
    this.#options = options;
  }

  /** The output of one row. */
  run(row: Row): Promise<Output> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, since: performance.now(), resolve, reject });
      this.#request();
    });
  }

  /** Asks for a worker, once for all rows of this turn of the event loop. */
  #request(): void {
    if (this.#requested || this.#waiting.length === 0) return;
    this.#requested = true;
    setImmediate(() => void this.#serve());
  }

  async #serve(): Promise<void> {
    const { pool, limits, lengthOf, run } = this.#options;
    let batch: Waiting<Row, Output>[] | undefined;
    const job = async (worker: WorkerClient): Promise<void> => {
      // Taken once: another worker gets the same rows when the first one died.
      if (!batch) {
        batch = takeBatch(this.#waiting, (entry) => lengthOf(entry.row), limits, this.#isOverdue());
        this.#requested = false;
        this.#request();
      }
      const outputs = await run(
        worker,
        batch.map((entry) => entry.row),
      );
      batch.forEach((entry, i) => entry.resolve(outputs[i] as Output));
    };
    try {
      await pool.use(job, () => (this.#isOverdue() || this.#waiting.length >= limits.window / 2 ? 'soon' : 'later'));
    } catch (error) {
      if (!batch) this.#requested = false;
      for (const entry of batch ?? this.#waiting.splice(0)) entry.reject(error);
    }
  }

  #isOverdue(): boolean {
    const [oldest] = this.#waiting;
    return oldest !== undefined && performance.now() - oldest.since > PATIENCE_MS;
  }
}
