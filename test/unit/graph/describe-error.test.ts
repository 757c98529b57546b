import { expect, test } from 'vitest';
import { describeNeo4jError } from '../../../src/graph/neo4j/describe-error.ts';

const URL = 'neo4j://user:secret@host:7687';

const describeCode = (code: string, wasConnected = true) => {
  const cause = Object.assign(new Error('first line\nsecond line'), { code });
  return describeNeo4jError(cause, { url: URL, database: 'news', wasConnected });
};

test.each([
  ['ServiceUnavailable', 'GRAPH_UNREACHABLE', true],
  ['SessionExpired', 'GRAPH_UNREACHABLE', true],
  ['Neo.ClientError.Database.DatabaseNotFound', 'GRAPH_UNREACHABLE', true],
  ['Neo.ClientError.Security.Unauthorized', 'GRAPH_UNREACHABLE', true],
  ['Neo.TransientError.Transaction.DeadlockDetected', 'GRAPH_TRANSIENT', true],
  ['Neo.ClientError.Statement.EntityNotFound', 'GRAPH_TRANSIENT', true],
  ['Neo.DatabaseError.Transaction.TransactionLogError', 'GRAPH_TRANSIENT', true],
  ['Neo.ClientError.Transaction.TransactionTimedOut', 'GRAPH_TRANSIENT', true],
  ['Neo.ClientError.Schema.ConstraintValidationFailed', 'GRAPH_REJECTED', false],
  ['Neo.ClientError.Statement.TypeError', 'GRAPH_REJECTED', false],
  ['Neo.DatabaseError.Statement.ExecutionFailed', 'GRAPH_REJECTED', false],
  ['', 'GRAPH_REJECTED', false],
])('%s is %s', (code, expected, retryable) => {
  expect(describeCode(code)).toMatchObject({ code: expected, retryable });
});

test('without a first connection there is nothing to wait for, and no message holds a password', () => {
  const error = describeCode('ServiceUnavailable', false);
  expect(error).toMatchObject({ code: 'GRAPH_UNREACHABLE', retryable: false });
  expect(error.message).toContain('neo4j://***@host:7687: first line;');
  expect(error.message).not.toMatch(/secret|second/);
});

test.each([
  ['RoutingTable[database=news, routers=[]]', undefined, 'no server answers; is it running?'],
  ['RoutingTable[database=news]', 'Failed. Caused by: connect ECONNREFUSED', 'connect ECONNREFUSED; is it running?'],
  ['Failed. Caused by: connect ECONNREFUSED', undefined, 'connect ECONNREFUSED; is it running?'],
])('%s because of %s is: %s', (text, reason, expected) => {
  const cause = Object.assign(new Error(text, reason === undefined ? {} : { cause: new Error(reason) }), {
    code: 'ServiceUnavailable',
  });
  const { message } = describeNeo4jError(cause, { url: 'neo4j://host:7687', database: 'news', wasConnected: false });
  expect(message).toBe(`talking to Neo4j at neo4j://host:7687: ${expected}`);
});

test('an unknown database names the setting', () => {
  const { message } = describeCode('Neo.ClientError.Database.DatabaseNotFound');
  expect(message).toMatch(/there is no database news there; check NEO4J_DATABASE$/);
});

test.each([
  ['Connection acquisition timed out in 15000 ms. Pool status: Active conn count = 100', 'GRAPH_UNREACHABLE'],
  ['Connection timeout after 30000 ms', 'GRAPH_UNREACHABLE'],
  ["Connection lost. Server didn't respond in 30000ms", 'GRAPH_UNREACHABLE'],
  ['Pool is closed, it is no more able to serve requests.', 'GRAPH_UNREACHABLE'],
  [
    'Cannot run query in this transaction, because it has been rolled back either because of an error',
    'GRAPH_TRANSIENT',
  ],
  ['Something a later driver says', 'GRAPH_TRANSIENT'],
])('what the driver could not do is no fault of the batch: %s', (text, code) => {
  const cause = Object.assign(new Error(text), { code: 'N/A' });
  expect(describeNeo4jError(cause, { url: URL, database: 'news', wasConnected: true })).toMatchObject({
    code,
    retryable: true,
  });
});
