import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable, messageOf } from '../../errors.ts';
import type { Events } from '../../telemetry/events.ts';
import type { Circuit } from './circuit.ts';

/** How a dependency is tried again. */
export interface RetryOptions {
  /** What is called; it learns from every failure and success. */
  readonly circuit: Circuit;
  readonly events: Events;
  /** Ends the waiting; the last error is thrown then. */
  readonly signal: AbortSignal;
  /** @default 100 */
  readonly baseMs?: number;
  /** @default 10_000 */
  readonly maxMs?: number;
}

/**
 * Calls `task` until it succeeds, fails for good, or the signal ends the waiting. Delays grow with full jitter, so that
 * many processes do not come back at once.
 */
export async function withRetry<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { baseMs = 100, maxMs = 10_000 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await task();
      options.circuit.succeeded();
      return result;
    } catch (error) {
      if (!isRetryable(error)) {
        // A refusal is an answer, too.
        options.circuit.succeeded();
        throw error;
      }
      options.circuit.failed();
      if (options.signal.aborted) throw error;
      const delayMs = Math.ceil(Math.random() * Math.min(maxMs, baseMs * 2 ** attempt));
      options.events.dependencyRetried({
        dependency: options.circuit.dependency,
        attempt,
        delayMs,
        message: messageOf(error),
      });
      await sleep(delayMs, undefined, { signal: options.signal }).catch(() => {});
    }
  }
}
