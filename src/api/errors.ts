import { GraphQLError } from 'graphql';
import { GrapevineError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Codes whose sentence is written for the client; every other sentence may name hosts and paths and stays here. */
const FOR_CLIENTS: ReadonlySet<string> = new Set(['BAD_CURSOR', 'BAD_REQUEST']);

/** What an error is about, by how its code begins; else the graph. */
const DEPENDENCIES = [
  ['PICTURE_STORE_', 'picture store'],
  ['KAFKA_', 'log of posts'],
  ['MODEL_', 'model'],
  ['BUNDLE_', 'model'],
] as const;

/** A refusal of the whole request as HTTP and GraphQL say it. */
export function refusal(
  code: string,
  message: string,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status, spec: false, headers } } });
}

/**
 * What a client learns of an error: mistakes of the query in full; ours as a code and a sentence without detail.
 * Ours go to the log.
 */
export function createErrorMask(logger: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    const located = error instanceof GraphQLError ? error : undefined;
    const cause = rootOf(error);
    if (cause instanceof GraphQLError) {
      // Errors of graphql itself say what is wrong with the query.
      cause.extensions.code ??= 'BAD_REQUEST';
      return located ?? cause;
    }
    const shown = describe(cause);
    if (!shown.expected) logger.error({ err: cause, path: located?.path }, 'a query failed');
    return new GraphQLError(shown.message, {
      nodes: located?.nodes ?? null,
      path: located?.path ?? null,
      extensions: { code: shown.code },
    });
  };
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}

function describe(cause: unknown): { code: string; message: string; expected: boolean } {
  if (!(cause instanceof GrapevineError)) {
    return { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.', expected: false };
  }
  if (FOR_CLIENTS.has(cause.code)) return { code: cause.code, message: cause.message, expected: true };
  const [, what = 'graph'] = DEPENDENCIES.find(([prefix]) => cause.code.startsWith(prefix)) ?? [];
  const message = cause.retryable ? `The ${what} could not answer; try again later.` : 'Unexpected error.';
  return { code: cause.code, message, expected: false };
}
