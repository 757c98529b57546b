import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordSource, SourceRecord } from '../../consumers/record-source.ts';

/** Delivers the records of another source no faster than one every `intervalMs`, so that a person can watch. */
export class PacedRecordSource implements RecordSource {
  readonly #inner: RecordSource;
  readonly #intervalMs: number;
  readonly #stopped = new AbortController();

  constructor(inner: RecordSource, intervalMs: number) {
    this.#inner = inner;
    this.#intervalMs = intervalMs;
  }

  run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    return this.#inner.run(async (record) => {
      await sleep(this.#intervalMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
      if (!this.#stopped.signal.aborted) await accept(record);
    });
  }

  stop(): void {
    this.#stopped.abort();
    this.#inner.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#inner[Symbol.asyncDispose]();
  }
}
