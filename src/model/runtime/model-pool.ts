import { GrapevineError } from '../../errors.ts';
import { WorkerClient } from '../../threads/worker-client.ts';
import type { ModelWorkerData, Prefixes } from './messages.ts';

interface Slot {
  client: WorkerClient | undefined;
}

/** Which of the waiting jobs a free worker takes: the first one that is wanted soonest. */
type Urgency = 'soon' | 'next' | 'later';
const URGENCIES: readonly Urgency[] = ['soon', 'next', 'later'];

interface Waiter {
  readonly urgency: () => Urgency;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The model's worker threads. Each has one job at a time; jobs wait for a free one by urgency, then in order.
 *
 * A worker that died is replaced when its slot is needed next. `close` waits for the jobs in progress.
 */
export class ModelPool implements AsyncDisposable {
  readonly #data: ModelWorkerData;
  readonly #slots: Slot[];
  readonly #free: Slot[];
  readonly #waiting: Waiter[] = [];
  #closed = false;
  #onFree: (() => void) | undefined;

  constructor(data: ModelWorkerData, workers: number) {
    refuseTelemetry();
    this.#data = data;
    this.#slots = Array.from({ length: workers }, () => ({ client: undefined }));
    this.#free = [...this.#slots];
  }

  /** Starts every worker; gives the prefixes of an empty picture slot. */
  async start(): Promise<Prefixes> {
    const results = await Promise.allSettled(this.#slots.map((slot) => this.#startWorker(slot)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return (results[0] as PromiseFulfilledResult<Prefixes>).value;
  }

  /**
   * Runs a job on the next free worker, and once more on another when the worker dies under it. Its urgency is asked for
   * whenever a worker is free.
   */
  async use<T>(job: (worker: WorkerClient) => Promise<T>, urgency: () => Urgency = () => 'next'): Promise<T> {
    try {
      return await this.#useOnce(job, urgency);
    } catch (error) {
      if (!isDead(error)) throw error;
      return this.#useOnce(job, urgency);
    }
  }

  /** Takes no more jobs and rejects those that wait; jobs in progress go on. */
  refuse(): void {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(closed());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse();
    if (this.#free.length < this.#slots.length) await new Promise<void>((resolve) => (this.#onFree = resolve));
    await Promise.all(this.#slots.map((slot) => slot.client?.[Symbol.asyncDispose]()));
  }

  async #useOnce<T>(job: (worker: WorkerClient) => Promise<T>, urgency: () => Urgency): Promise<T> {
    const slot = await this.#acquire(urgency);
    try {
      if (!slot.client) await this.#startWorker(slot);
      return await job(slot.client as unknown as WorkerClient);
    } catch (error) {
      if (isDead(error)) slot.client = undefined;
      throw error;
    } finally {
      this.#release(slot);
    }
  }

  async #startWorker(slot: Slot): Promise<Prefixes> {
    const client = new WorkerClient({
      module: new URL('./worker.ts', import.meta.url),
      label: 'a model worker',
      data: this.#data,
    });
    try {
      const empty = await client.call<Prefixes>('load');
      slot.client = client;
      return empty;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  #acquire(urgency: () => Urgency): Promise<Slot> {
    if (this.#closed) return Promise.reject(closed());
    const slot = this.#free.shift();
    if (slot) return Promise.resolve(slot);
    return new Promise((resolve, reject) => this.#waiting.push({ urgency, resolve, reject }));
  }

  #takeMostUrgent(): Waiter | undefined {
    const urgencies = this.#waiting.map((waiter) => waiter.urgency());
    const wanted = URGENCIES.find((urgency) => urgencies.includes(urgency));
    return wanted && this.#waiting.splice(urgencies.indexOf(wanted), 1)[0];
  }

  #release(slot: Slot): void {
    const next = this.#takeMostUrgent();
    if (next) return next.resolve(slot);
    this.#free.push(slot);
    if (this.#free.length === this.#slots.length) this.#onFree?.();
  }
}

function isDead(error: unknown): boolean {
  return error instanceof GrapevineError && error.code === 'WORKER_DIED';
}

function closed(): GrapevineError {
  return new GrapevineError('CLOSED', 'calling the model: it is closed');
}

/**
 * Keeps onnxruntime from reporting to its vendor, which it does by default since 1.30 on Linux and macOS: nothing about
 * posts leaves the machine. Only the main thread can set the environment that the library reads, and only before it loads.
 */
function refuseTelemetry(): void {
  // oxlint-disable-next-line node/no-process-env -- a switch of the library, not a setting of ours
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}
