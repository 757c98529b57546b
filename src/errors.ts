/** Every code an error of Grapevine can carry; scripts and clients may branch on it. */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'USAGE'
  | 'BUNDLE_MISSING'
  | 'BUNDLE_INVALID'
  | 'BUNDLE_HASH'
  | 'MODEL_FAILED'
  | 'GRAPH_SCHEME'
  | 'GRAPH_UNREACHABLE'
  | 'GRAPH_NEWER'
  | 'GRAPH_OLDER'
  | 'GRAPH_REJECTED'
  | 'GRAPH_TRANSIENT'
  | 'KAFKA_UNREACHABLE'
  | 'KAFKA_FAILED'
  | 'PICTURE_STORE_FAILED'
  | 'INPUT_UNREADABLE'
  | 'SOURCE_REFUSED'
  | 'RECORD_TOO_LARGE'
  | 'TOKENS_UNREADABLE'
  | 'BAD_CURSOR'
  | 'BAD_REQUEST'
  | 'WORKER_DIED'
  | 'CLOSED';

/**
 * An error that names what went wrong.
 *
 * `retryable` says whether the same call may succeed later: it decides between retry and dead letter.
 */
export class GrapevineError extends Error {
  override readonly name = 'GrapevineError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** True when a later attempt of the same call may succeed. */
export function isRetryable(error: unknown): boolean {
  return error instanceof GrapevineError && error.retryable;
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
