import { requestHeaders } from './token.ts';

/** Why the API did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** `OFFLINE` when nothing was heard, otherwise the code of the API. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/**
 * Sends a query or mutation and gives its data.
 *
 * @throws {ApiError} when nothing answers or the API says no.
 */
export async function ask<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<T> {
  const response = await post({ query, variables }, 'application/json', signal);
  const { data, errors } = await readAnswer<T>(response);
  const [error] = errors ?? [];
  if (error) throw new ApiError(error.extensions?.code ?? 'FAILED', error.message);
  if (data == null) throw new ApiError('FAILED', `The server answered ${response.status} without data.`);
  return data;
}

/** Sends a body to the API. @throws {ApiError} OFFLINE when nothing answers. */
export async function post(body: object, accept: string, signal?: AbortSignal): Promise<Response> {
  try {
    const init = { method: 'POST', headers: requestHeaders(accept), body: JSON.stringify(body) };
    return await fetch('/graphql', signal ? { ...init, signal } : init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('OFFLINE', 'The server does not answer.');
  }
}

async function readAnswer<T>(response: Response): Promise<Answer<T>> {
  try {
    return (await response.json()) as Answer<T>;
  } catch {
    throw new ApiError('OFFLINE', `The server answered ${response.status} with something that is not JSON.`);
  }
}

/** What to tell a person about an error. */
export function tellError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
