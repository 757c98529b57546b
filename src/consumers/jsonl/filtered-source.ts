import type { RecordSource, SourceRecord } from '../record-source.ts';

/** The records of a source that a pass over it is about; the others count as done. */
export class FilteredSource implements RecordSource {
  readonly #source: RecordSource;
  readonly #isWanted: (record: SourceRecord) => boolean;

  constructor(source: RecordSource, isWanted: (record: SourceRecord) => boolean) {
    this.#source = source;
    this.#isWanted = isWanted;
  }

  run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    return this.#source.run(async (record) => {
      if (this.#isWanted(record)) await accept(record);
      else record.done();
    });
  }

  stop(): void {
    this.#source.stop();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#source[Symbol.asyncDispose]();
  }
}
