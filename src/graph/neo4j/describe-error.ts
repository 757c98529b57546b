import { GrapevineError, messageOf } from '../../errors.ts';
import { maskUrl } from '../graph-url.ts';

const NO_SERVER = ['ServiceUnavailable', 'SessionExpired'];
const NO_LOG_IN = ['Neo.ClientError.Security.'];
const NO_DATABASE = ['Neo.ClientError.Database.DatabaseNotFound'];

/** The server's own trouble, a broken transaction log for instance: no fault of the batch. */
const TROUBLE = [
  'Neo.DatabaseError.Transaction.',
  'Neo.DatabaseError.General.',
  'Neo.DatabaseError.Database.',
  'Neo.ClientError.Transaction.',
];
const RACES: ReadonlySet<string> = new Set([
  'Neo.ClientError.Statement.EntityNotFound',
  // `IF NOT EXISTS` looks before it locks.
  'Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists',
  'Neo.ClientError.Schema.IndexAlreadyExists',
  'Neo.ClientError.Schema.ConstraintAlreadyExists',
]);

/** The code of what the driver itself could not do: nothing of it comes from the server, let alone from the batch. */
const DRIVER = 'N/A';
const NO_CONNECTION = /^(Connection (acquisition )?time|Connection lost|Failed to establish connection|Pool is closed)/;
const AFTERMATH = 'has been rolled back';

/** True when another transaction deleted a node, or made an index, between our look and our lock: a second attempt sees that. */
export function isLostRace(error: unknown): boolean {
  return RACES.has(codeOf(error));
}

/** True for a statement that was not run because an earlier one of its transaction had failed: the reason is another error. */
export function isAftermath(error: unknown): boolean {
  return codeOf(error) === DRIVER && messageOf(error).includes(AFTERMATH);
}

/**
 * What an error of the driver means: GRAPH_UNREACHABLE without a connection or a log-in (retryable once there has been
 * one), GRAPH_TRANSIENT for what may pass, GRAPH_REJECTED for what the database refuses.
 */
export function describeNeo4jError(
  cause: unknown,
  at: { readonly url: string; readonly database: string; readonly wasConnected: boolean },
): GrapevineError {
  const code = codeOf(cause);
  const text = messageOf(cause).split('\n')[0] ?? '';
  const isOneOf = (prefixes: readonly string[]) => prefixes.some((prefix) => code.startsWith(prefix));
  const unreachable = (found: string) => {
    const message = `talking to Neo4j at ${maskUrl(at.url)}: ${found}`;
    return new GrapevineError('GRAPH_UNREACHABLE', message, { retryable: at.wasConnected, cause });
  };
  if (code === DRIVER && NO_CONNECTION.test(text)) return unreachable(`${text}; is it running?`);
  if (isOneOf(NO_SERVER)) return unreachable(`${whyNoServer(cause)}; is it running?`);
  if (isOneOf(NO_LOG_IN)) return unreachable(`${text}; check NEO4J_USERNAME and NEO4J_PASSWORD`);
  if (isOneOf(NO_DATABASE)) return unreachable(`there is no database ${at.database} there; check NEO4J_DATABASE`);
  if (
    code === DRIVER ||
    code.includes('TransientError') ||
    isOneOf(TROUBLE) ||
    isLostRace(cause) ||
    isRetriable(cause)
  ) {
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

/** The innermost reason, such as a refused connection; what the driver wraps around it is about its own routing. */
function whyNoServer(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (cause instanceof Error) return whyNoServer(cause);
  const reason = messageOf(error).split('Caused by: ').at(-1)?.split('\n')[0] ?? '';
  return reason === '' || reason.includes('RoutingTable') ? 'no server answers' : reason;
}
