import type { NativeRecord, RecordSink } from '../../consumers/source.ts';
import { GrapevineError, messageOf } from '../../errors.ts';

const NEWLINE = Buffer.from('\n');

/** Prints records, one a line; a record is safe once the reader's pipe has taken it. */
export class StdoutRecordSink implements RecordSink {
  #readerLeft = false;

  /** True once a reader such as `head` has had enough and closed the pipe. */
  get readerLeft(): boolean {
    return this.#readerLeft;
  }

  write({ value }: NativeRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(Buffer.concat([value, NEWLINE]), (error: NodeJS.ErrnoException | null | undefined) => {
        if (!error) {
          resolve();
          return;
        }
        this.#readerLeft = error.code === 'EPIPE';
        reject(new GrapevineError('CLOSED', `printing a record: ${messageOf(error)}`, { cause: error }));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
