import type { NativeRecord, RecordSink } from '../../consumers/source.ts';
import { GrapevineError } from '../../errors.ts';

/** Prints records, one a line; a record is safe once the reader's pipe has taken it. */
export class StdoutRecordSink implements RecordSink {
  write({ value }: NativeRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error?: Error | null) =>
        reject(new GrapevineError('CLOSED', 'printing a record: nobody reads any more', { cause: error }));
      if (process.stdout.destroyed) fail();
      else process.stdout.write(Buffer.concat([value, NEWLINE]), (error) => (error ? fail(error) : resolve()));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const NEWLINE = Buffer.from('\n');
