import type { SourceRecord } from './record-source.ts';

/** Why a record cannot be processed and where that was seen. */
export interface Rejection {
  /** Bounded set: `decode`, `parse`, `schema`, `source`, `too_large`, `sink_reject`, `model_failed`. */
  readonly reason: string;
  readonly message: string;
  readonly stage: 'source' | 'extract' | 'upsert';
}

/** Keeps records that cannot be processed, with their original bytes. Resolves when the record is kept safely. */
export interface DeadLetters extends AsyncDisposable {
  write(record: SourceRecord, rejection: Rejection): Promise<void>;
}
