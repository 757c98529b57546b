import { type ErrorCode, GrapevineError } from '../../errors.ts';

/**
 * What a failure means for the record at hand: a later attempt may succeed (`passing`), only this record cannot be
 * processed (`record`, with the class of its dead letter), or nothing can go on (`fatal`).
 */
export type Fault =
  | { readonly kind: 'passing' }
  | { readonly kind: 'record'; readonly reason: string }
  | { readonly kind: 'fatal' };

const FATAL: Fault = { kind: 'fatal' };
const record = (reason: string): Fault => ({ kind: 'record', reason });

/** By code, where no later attempt can succeed. A record is at fault only where its content is what was refused. */
const FAULTS: Readonly<Record<ErrorCode, Fault>> = {
  MODEL_FAILED: record('model_failed'),
  RECORD_TOO_LARGE: record('too_large'),
  GRAPH_REJECTED: record('sink_reject'),
  CONFIG_INVALID: FATAL,
  USAGE: FATAL,
  BUNDLE_MISSING: FATAL,
  BUNDLE_INVALID: FATAL,
  BUNDLE_HASH: FATAL,
  GRAPH_SCHEME: FATAL,
  GRAPH_UNREACHABLE: FATAL,
  GRAPH_NEWER: FATAL,
  GRAPH_OLDER: FATAL,
  GRAPH_TRANSIENT: FATAL,
  KAFKA_UNREACHABLE: FATAL,
  KAFKA_FAILED: FATAL,
  PICTURE_STORE_FAILED: FATAL,
  TOKENS_UNREADABLE: FATAL,
  INPUT_UNREADABLE: FATAL,
  SOURCE_REFUSED: FATAL,
  BAD_CURSOR: FATAL,
  BAD_REQUEST: FATAL,
  WORKER_DIED: FATAL,
  CLOSED: FATAL,
};

/** Classifies anything that was thrown. What is no error of ours is a fault in the program, so fatal. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof GrapevineError)) return FATAL;
  return error.retryable ? { kind: 'passing' } : FAULTS[error.code];
}
