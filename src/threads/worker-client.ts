import { Worker } from 'node:worker_threads';
import { GrapevineError, messageOf } from '../errors.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Where a worker's code is and what it is started with. */
export interface WorkerOptions {
  /** URL of the worker's module, made with `new URL('./x.ts', import.meta.url)`; the build rewrites the suffix. */
  readonly module: URL;
  /** Name for messages: `the model worker`. */
  readonly label: string;
  /** Handed to the worker as `workerData`. */
  readonly data?: unknown;
}

/**
 * A thread that answers calls.
 *
 * `close` waits for calls in progress: ending a thread inside a native call would abort the process.
 */
export class WorkerClient implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #label: string;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #failure: GrapevineError | undefined;
  #idle: (() => void) | undefined;

  constructor(options: WorkerOptions) {
    this.#label = options.label;
    this.#worker = startWorker(options);
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#fail(messageOf(error)));
    this.#worker.on('exit', (code) => this.#fail(`it ended with code ${code}`));
    this.#worker.unref();
  }

  /** Calls a handler of the worker. Buffers in `transfer` are moved, not copied. */
  call<T>(method: string, payload?: unknown, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    this.#worker.ref();
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, method, payload } satisfies WorkerRequest, [...transfer]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#failure ??= new GrapevineError('CLOSED', `calling ${this.#label}: it is closed`);
    await this.#worker.terminate();
  }

  #settle(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    this.#pending.delete(reply.id);
    if ('error' in reply) {
      const { code, message, retryable } = reply.error;
      pending.reject(new GrapevineError(code, message, { retryable }));
    } else pending.resolve(reply.value);
    this.#rest();
  }

  #fail(reason: string): void {
    this.#failure ??= new GrapevineError('WORKER_DIED', `running ${this.#label}: ${reason}`);
    for (const pending of this.#pending.values()) pending.reject(this.#failure);
    this.#pending.clear();
    this.#rest();
  }

  #rest(): void {
    if (this.#pending.size > 0) return;
    this.#worker.unref();
    this.#idle?.();
  }
}

/** Starts a worker from the build (`.js`) or, in development and tests, straight from TypeScript through tsx. */
function startWorker(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(options.module.href.replace(/\.ts$/, '.js')), { workerData: options.data });
  }
  // Node 20 does not run the loaders of `--import` in a worker, so the worker registers tsx itself.
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(options.module.href)})))`;
  return new Worker(load, { eval: true, workerData: options.data });
}
