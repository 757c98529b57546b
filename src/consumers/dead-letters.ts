import type { SourceRecord } from './record-source.ts';

/** Why a record cannot be processed and where that was seen. */
export interface Rejection {
  /** Bounded set: `decode`, `parse`, `schema`, `source`, `too_large`, `sink_reject`, `model_failed`. */
  readonly reason: string;
  readonly message: string;
  readonly stage: 'source' | 'extract' | 'upsert' | 'alert';
}

/** Keeps records that cannot be processed, with their original bytes. Resolves when the record is kept safely. */
export interface DeadLetters extends AsyncDisposable {
  write(record: SourceRecord, rejection: Rejection): Promise<void>;
}

/** A dead letter, as lists show it. */
export interface Letter {
  /** Topic of the letter, `posts.dlt`. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Why the record was rejected: `parse`, `sink_reject`, … */
  readonly class: string;
  /** Which stage rejected it. */
  readonly stage: string;
  readonly message: string;
  /** When it was kept, ISO 8601. */
  readonly at: string;
  /** When it was first rejected, ISO 8601. */
  readonly firstFailedAt: string | undefined;
  /** Where the record stood. */
  readonly from: {
    readonly topic: string;
    readonly partition: number | undefined;
    readonly offset: number | undefined;
  };
  /** The record's key as text. */
  readonly key: string | undefined;
  readonly bytes: number;
  /** Whether it was sent back already. */
  readonly replayed: boolean;
}

/** Which letters are meant; what is absent does not restrict. */
export interface LetterFilter {
  readonly class?: string;
  readonly stage?: string;
  /** Kept at this time or later, epoch milliseconds. */
  readonly since?: number;
  /** Kept before this time, epoch milliseconds. */
  readonly until?: number;
  /** Letters that were sent back already, too. @default false */
  readonly replayed?: boolean;
  /** Most letters, the oldest first. */
  readonly limit?: number;
}
