import type { RecordSource, SourceRecord } from '../../consumers/record-source.ts';

/** Ends another source once it has delivered so many records. */
export class LimitedRecordSource implements RecordSource {
  readonly #inner: RecordSource;
  #left: number;

  constructor(inner: RecordSource, limit: number) {
    this.#inner = inner;
    this.#left = limit;
  }

  run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    return this.#inner.run(async (record) => {
      if (this.#left === 0) return;
      if (!record.damage && --this.#left === 0) this.#inner.stop();
      await accept(record);
    });
  }

  stop(): void {
    this.#inner.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
