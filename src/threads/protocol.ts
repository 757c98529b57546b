import type { ErrorCode } from '../errors.ts';

/** A call on its way to a worker. */
export interface WorkerRequest {
  readonly id: number;
  readonly method: string;
  readonly payload: unknown;
}

/** A worker's answer to one call. */
export type WorkerReply =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly retryable: boolean };
    };
