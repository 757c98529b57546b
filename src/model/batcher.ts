import type { WorkerClient } from '../threads/worker-client.ts';
import type { ModelPool } from './runtime/model-pool.ts';

/** A row waits here until a worker is free. */
interface Waiting<Row, Output> {
  readonly row: Row;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

/** How a batch is chosen among the entries that wait. */
export interface BatchChoice {
  /** Of how many waiting entries a batch is chosen. @default 64 */
  readonly window?: number;
  /** What a batch costs that has this many entries, the longest of this length. @default entries x longest */
  costOf?(entries: number, longest: number): number;
}

/** What a queue needs to turn rows into outputs. */
export interface BatchQueueOptions<Row, Output> extends BatchChoice {
  readonly pool: ModelPool;
  /** Largest cost of a batch; a single row that costs more goes alone. */
  readonly tokenBudget: number;
  lengthOf(row: Row): number;
  /** Runs a batch; outputs in the rows' order. */
  run(worker: WorkerClient, rows: readonly Row[]): Promise<readonly Output[]>;
}

/**
 * Rows of one graph on their way to the workers.
 *
 * A batch is formed at the moment a worker is free, so nothing waits for a batch to fill. How many rows may wait is the
 * caller's to limit.
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
      this.#waiting.push({ row, resolve, reject });
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
    const { pool, tokenBudget, lengthOf, run } = this.#options;
    let batch: Waiting<Row, Output>[] | undefined;
    try {
      await pool.use(async (worker) => {
        // Taken once: another worker gets the same rows when the first one died.
        if (!batch) {
          batch = takeBatch(this.#waiting, (entry) => lengthOf(entry.row), tokenBudget, this.#options);
          this.#requested = false;
          this.#request();
        }
        const outputs = await run(
          worker,
          batch.map((entry) => entry.row),
        );
        batch.forEach((entry, i) => entry.resolve(outputs[i] as Output));
      });
    } catch (error) {
      if (!batch) this.#requested = false;
      for (const entry of batch ?? this.#waiting.splice(0)) entry.reject(error);
    }
  }
}

/**
 * Takes a batch off a queue: the oldest entry, then from the next ones those nearest to it in length while the cost stays
 * within the budget. The rest keeps its order.
 */
export function takeBatch<T>(
  queue: T[],
  lengthOf: (entry: T) => number,
  budget: number,
  { window: size = 64, costOf = (entries, longest) => entries * longest }: BatchChoice = {},
): T[] {
  const window = queue.slice(0, size);
  const [oldest] = window;
  if (oldest === undefined) return [];
  const wanted = lengthOf(oldest);
  const near = window.map((entry, place) => ({ entry, place, far: Math.abs(lengthOf(entry) - wanted) }));
  near.sort((a, b) => a.far - b.far || a.place - b.place);
  const chosen = new Set<T>();
  let longest = 0;
  for (const { entry } of [{ entry: oldest }, ...near]) {
    if (chosen.has(entry)) continue;
    const longer = Math.max(longest, lengthOf(entry));
    if (chosen.size > 0 && costOf(chosen.size + 1, longer) > budget) continue;
    chosen.add(entry);
    longest = longer;
  }
  queue.splice(0, size, ...window.filter((entry) => !chosen.has(entry)));
  return [...chosen];
}
