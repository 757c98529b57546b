import { GrapevineClient } from '../../../src/client/grapevine-client.ts';
import { RequestError } from '../../../src/client/request-error.ts';
import { currentToken } from './token.ts';

let known: { readonly token: string | undefined; readonly client: GrapevineClient } | undefined;

/** The server that the page came from, asked with the token of this tab. */
export function server(): GrapevineClient {
  const token = currentToken();
  if (!known || known.token !== token) {
    known = { token, client: new GrapevineClient({ url: location.origin, ...(token !== undefined && { token }) }) };
  }
  return known.client;
}

/** What a query or mutation answers. @throws {RequestError} */
export function ask<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<T> {
  return server().query<T, object>(query, variables, signal ? { signal } : {});
}

/** Why a mutation did not do what it was asked for. */
export interface UserError {
  /** The part of the input that is at fault. */
  readonly field?: string | null;
  readonly message: string;
  readonly code: string;
}

/** What a mutation gave; where it gave nothing, that is an error. @throws {RequestError} with what the server says */
export function given<T>(value: T | null, userErrors: readonly UserError[]): T {
  if (value !== null) return value;
  const [error] = userErrors;
  const {
    field,
    message: what,
    code,
  } = error ?? { message: 'The server did nothing, and did not say why.', code: 'FAILED' };
  const message = field == null ? what : `${field}: ${what}`;
  throw new RequestError({ status: 200, errors: [{ message, extensions: { code } }] });
}

/** True when an error is this answer of the API. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof RequestError && codes.includes(error.code);
}

/** What to tell a person about an error. */
export function tellError(error: unknown): string {
  if (hasCode(error, 'NETWORK')) return 'The server does not answer.';
  return error instanceof Error ? error.message : String(error);
}
