import { GrapevineError } from '../../errors.ts';
import { WorkerClient } from '../../threads/worker-client.ts';
import { restrictDecoders } from '../preprocess/restrict-decoders.ts';
import type { ModelWorkerData, Prefixes } from './messages.ts';

interface Slot {
  client: WorkerClient | undefined;
  /** Jobs it was given and has not finished. */
  running: number;
  /** Nothing is put beside its job. */
  alone: boolean;
}

/** Which of the waiting jobs a free worker takes: the first one that is wanted soonest. */
type Urgency = 'soon' | 'next' | 'later';
const URGENCIES: readonly Urgency[] = ['soon', 'next', 'later'];

interface Waiter {
  readonly urgency: () => Urgency;
  /** It may be what ended another worker. */
  readonly alone: boolean;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The model's worker threads. Jobs wait for one with nothing to do, by urgency, then in order. While more wait than there
 * are workers, each also gets its next one early: it decodes that picture while it computes, and never waits for this thread.
 *
 * A worker that died is replaced when its slot is needed next. `close` waits for the jobs in progress.
 */
export class ModelPool implements AsyncDisposable {
  readonly #data: ModelWorkerData;
  readonly #slots: Slot[];
  readonly #waiting: Waiter[] = [];
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(data: ModelWorkerData, workers: number) {
    refuseTelemetry();
    restrictDecoders();
    this.#data = data;
    this.#slots = Array.from({ length: workers }, () => ({ client: undefined, running: 0, alone: false }));
  }

  /** Starts every worker; gives the prefixes of an empty picture slot. */
  async start(): Promise<Prefixes> {
    const results = await Promise.allSettled(this.#slots.map((slot) => this.#startWorker(slot)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return (results[0] as PromiseFulfilledResult<Prefixes>).value;
  }

  /**
   * Runs a job on a worker, and once more, with nothing beside it, when the worker dies under it. Its urgency is asked for
   * whenever a worker has room.
   */
  async use<T>(job: (worker: WorkerClient) => Promise<T>, urgency: () => Urgency = () => 'next'): Promise<T> {
    try {
      return await this.#useOnce(job, urgency, false);
    } catch (error) {
      if (!isDead(error)) throw error;
      return this.#useOnce(job, urgency, true);
    }
  }

  /** Takes no more jobs and rejects those that wait; jobs in progress go on. */
  refuse(): void {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(closed());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse();
    if (!this.#isIdle()) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await Promise.all(this.#slots.map((slot) => slot.client?.[Symbol.asyncDispose]()));
  }

  async #useOnce<T>(job: (worker: WorkerClient) => Promise<T>, urgency: () => Urgency, alone: boolean): Promise<T> {
    const slot = await this.#acquire(urgency, alone);
    let client: WorkerClient | undefined;
    try {
      if (!slot.client) await this.#startWorker(slot);
      client = slot.client as unknown as WorkerClient;
      return await job(client);
    } catch (error) {
      // The worker may have been replaced already, by the job beside this one.
      if (isDead(error) && slot.client === client) slot.client = undefined;
      throw error;
    } finally {
      slot.running--;
      slot.alone = false;
      this.#assign();
      if (this.#isIdle()) this.#onIdle?.();
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

  #acquire(urgency: () => Urgency, alone: boolean): Promise<Slot> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ urgency, alone, resolve, reject });
      this.#assign();
    });
  }

  /** Gives waiting jobs to workers for as long as one has room. */
  #assign(): void {
    while (this.#waiting.length > 0) {
      const place = this.#placeOfNext();
      const { alone } = this.#waiting[place] as Waiter;
      const slot = this.#slots.find(({ running }) => running === 0) ?? (alone ? undefined : this.#slotForSecond());
      if (!slot) return;
      const [next] = this.#waiting.splice(place, 1);
      slot.running++;
      slot.alone = alone;
      next?.resolve(slot);
    }
  }

  #placeOfNext(): number {
    const alone = this.#waiting.findIndex((waiter) => waiter.alone);
    if (alone >= 0) return alone;
    const urgencies = this.#waiting.map((waiter) => waiter.urgency());
    return urgencies.indexOf(URGENCIES.find((urgency) => urgencies.includes(urgency)) as Urgency);
  }

  /** A busy worker that may get its next job now: so many wait that none will be idle for it. */
  #slotForSecond(): Slot | undefined {
    if (this.#waiting.length <= this.#slots.length) return undefined;
    return this.#slots.find(({ client, running, alone }) => client && running === 1 && !alone);
  }

  #isIdle(): boolean {
    return this.#slots.every(({ running }) => running === 0);
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
