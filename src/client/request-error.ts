/** An error of one request, as the server tells it. */
export interface ServerError {
  readonly message: string;
  /** The field that failed. */
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

/** A request that was not answered as it should be. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** Of the first error, `FORBIDDEN` for instance; `NETWORK` where the server was not reached. */
  readonly code: string;
  /** Status of the answer, 0 where there is none. */
  readonly status: number;
  readonly errors: readonly ServerError[];
  /** What could be read in spite of the errors. */
  readonly data: unknown;

  constructor(options: {
    readonly status: number;
    readonly errors: readonly ServerError[];
    readonly data?: unknown;
    readonly cause?: unknown;
  }) {
    const { status, errors, data, cause } = options;
    const message = errors[0]?.message ?? `the server answered with status ${status} and no reason`;
    super(message, cause === undefined ? undefined : { cause });
    this.code = errors[0]?.extensions?.code ?? (status === 0 ? 'NETWORK' : `HTTP_${status}`);
    this.status = status;
    this.errors = errors;
    this.data = data;
  }
}

/** A request that did not reach the server, or whose answer broke off. */
export function networkError(doing: string, cause: unknown): RequestError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RequestError({ status: 0, errors: [{ message: `${doing}: ${reason}` }], cause });
}

const PASSING: ReadonlySet<string> = new Set(['NETWORK', 'GRAPH_UNREACHABLE', 'GRAPH_TRANSIENT', 'CLOSED']);

/** True where the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  return error instanceof RequestError && (PASSING.has(error.code) || error.status >= 500 || error.status === 429);
}
