import type { Connection } from '../connection.ts';

/** Brings a database one schema version further, inside a transaction. A released one never changes. */
export interface Migration {
  /** Completes "this migration …". */
  readonly does: string;
  apply(connection: Connection): void;
}
