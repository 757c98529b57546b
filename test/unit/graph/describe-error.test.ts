import { expect, test } from 'vitest';
import { describeNeo4jError } from '../../../src/graph/neo4j/describe-error.ts';

const describeCode = (code: string, wasConnected = true) => {
  const cause = Object.assign(new Error('first line\nsecond line'), { code });
  return describeNeo4jError(cause, { url: 'neo4j://user:secret@host:7687', wasConnected });
};

test.each([
  ['ServiceUnavailable', 'GRAPH_UNREACHABLE', true],
  ['SessionExpired', 'GRAPH_UNREACHABLE', true],
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
  expect(error.message).toContain('neo4j://host:7687: first line;');
  expect(error.message).not.toMatch(/secret|second/);
});
