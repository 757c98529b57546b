import { parentPort } from 'node:worker_threads';
import { type ErrorCode, GrapevineError, messageOf } from '../errors.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';

/** A function of the worker that its client can call by name. */
export type WorkerHandler = (payload: never) => unknown;

/** Buffers in an answer that are moved to the caller instead of copied. */
export class Transferred {
  readonly value: unknown;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: unknown, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/**
 * Answers calls in this worker thread, each as soon as its handler is done.
 *
 * Errors travel as code, sentence and retryability; anything not thrown as `GrapevineError` gets `fallbackCode`.
 */
export function serveCalls(handlers: Readonly<Record<string, WorkerHandler>>, fallbackCode: ErrorCode): void {
  const port = parentPort;
  if (!port) throw new GrapevineError('WORKER_DIED', 'serving calls: this module must run as a worker thread');
  const answer = async ({ id, method, payload }: WorkerRequest): Promise<void> => {
    try {
      const handler = handlers[method];
      if (!handler) throw new GrapevineError(fallbackCode, `calling a worker: it has no method ${method}`);
      const result = await handler(payload as never);
      const [value, buffers] = result instanceof Transferred ? [result.value, result.buffers] : [result, []];
      port.postMessage({ id, value } satisfies WorkerReply, [...buffers]);
    } catch (error) {
      port.postMessage({ id, error: describe(error, fallbackCode) } satisfies WorkerReply);
    }
  };
  port.on('message', (request: WorkerRequest) => void answer(request));
}

function describe(error: unknown, fallbackCode: ErrorCode) {
  if (error instanceof GrapevineError) return { code: error.code, message: error.message, retryable: error.retryable };
  return { code: fallbackCode, message: messageOf(error), retryable: false };
}
