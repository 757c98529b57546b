import { GrapevineError, messageOf } from '../../errors.ts';

const CONNECTION = [
  'ServiceUnavailable',
  'SessionExpired',
  'Neo.ClientError.Security.',
  'Neo.ClientError.Database.DatabaseNotFound',
];

/** The server's own trouble, a broken transaction log for instance: no fault of the batch. */
const TROUBLE = [
  'Neo.DatabaseError.Transaction.',
  'Neo.DatabaseError.General.',
  'Neo.DatabaseError.Database.',
  'Neo.ClientError.Transaction.',
];
const RACE = 'Neo.ClientError.Statement.EntityNotFound';

/** True when another transaction deleted a node between our finding and our locking it: a second attempt sees that. */
export function isLostRace(error: unknown): boolean {
  return codeOf(error) === RACE;
}

/**
 * What an error of the driver means: GRAPH_UNREACHABLE without a connection or a log-in (retryable once there has been
 * one), GRAPH_TRANSIENT for what may pass, GRAPH_REJECTED for what the database refuses.
 */
export function describeNeo4jError(
  cause: unknown,
  at: { readonly url: string; readonly wasConnected: boolean },
): GrapevineError {
  const code = codeOf(cause);
  const text = messageOf(cause).split('\n')[0] ?? '';
  const isOneOf = (prefixes: readonly string[]) => prefixes.some((prefix) => code.startsWith(prefix));
  if (isOneOf(CONNECTION)) {
    const next = code.includes('Security') ? 'check NEO4J_USERNAME and NEO4J_PASSWORD' : 'check that Neo4j runs there';
    const message = `talking to Neo4j at ${bare(at.url)}: ${text}; ${next}`;
    return new GrapevineError('GRAPH_UNREACHABLE', message, { retryable: at.wasConnected, cause });
  }
  if (code.includes('TransientError') || isOneOf(TROUBLE) || isLostRace(cause) || isRetriable(cause)) {
    const message = `writing to Neo4j: ${text}; it is tried again`;
    return new GrapevineError('GRAPH_TRANSIENT', message, { retryable: true, cause });
  }
  return new GrapevineError('GRAPH_REJECTED', `writing to Neo4j: ${text}`, { cause });
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}

function isRetriable(error: unknown): boolean {
  return (error as { retriable?: unknown } | undefined)?.retriable === true;
}

/** The URL without anything that may be a password. */
function bare(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
