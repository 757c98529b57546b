/** What a writer is told when it starts. */
export interface WriterOrders {
  readonly seed: number;
  /** Which of the writers it is, from 0. */
  readonly writer: number;
  readonly graph: { readonly url: string; readonly username: string; readonly password: string };
}

/** What a writer says after each batch that was applied and each one that failed in passing. */
export interface WriterReport {
  /** Batches that were acknowledged. */
  readonly batches: number;
  /** Times that a batch was tried again. */
  readonly retries: number;
  /** How many records ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** What a writer is told later: to end after the batch it is at. */
export const STOP = 'stop';

/** What a writer is told while it runs: before which batch it waits for the other writers, or that it is to stop. */
export type Go = typeof STOP | { readonly before: number };
