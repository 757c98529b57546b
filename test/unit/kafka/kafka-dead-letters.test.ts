import { describe, expect, it } from 'vitest';
import { letterHeaders } from '../../../src/consumers/kafka/kafka-dead-letters.ts';

const now = new Date('2026-05-06T07:08:09.000Z');
const rejection = { reason: 'schema', message: 'id is missing', stage: 'extract' } as const;
const record = { value: null, key: null, headers: {}, position: 'posts/2@7', done() {} };

describe('letterHeaders', () => {
  it('says where from and why', () => {
    const origin = { topic: 'posts', partition: 2, offset: 7, timestampMs: 1_700_000_000_000 };
    expect(letterHeaders({ ...record, ...origin }, rejection, now)).toEqual({
      'x-original-topic': 'posts',
      'x-original-partition': '2',
      'x-original-offset': '7',
      'x-original-timestamp': '1700000000000',
      'x-error-class': 'schema',
      'x-error-message': 'id is missing',
      'x-error-stage': 'extract',
      'x-error-first-failed-at': now.toISOString(),
    });
  });

  it('leaves out an origin it does not know', () => {
    expect(Object.keys(letterHeaders(record, rejection, now))).not.toContain('x-original-topic');
  });

  it('does not grow when a letter is replayed and rejected again', () => {
    let headers = letterHeaders({ ...record, headers: { own: 'kept' } }, rejection, now);
    const size = Object.keys(headers).length;
    for (let i = 0; i < 5; i++)
      headers = letterHeaders({ ...record, headers }, { ...rejection, reason: `r${i}` }, new Date());
    expect(Object.keys(headers)).toHaveLength(size);
    expect(headers).toMatchObject({ own: 'kept', 'x-error-class': 'r4', 'x-error-first-failed-at': now.toISOString() });
  });

  it('does not trust a first failure that is no time', () => {
    const headers = { 'x-error-first-failed-at': ['a', 'b'] };
    expect(letterHeaders({ ...record, headers }, rejection, now)['x-error-first-failed-at']).toBe(now.toISOString());
  });

  it('cuts a long message at a whole character', () => {
    const message = `a${'é'.repeat(600)}`;
    const cut = letterHeaders(record, { ...rejection, message }, now)['x-error-message'];
    expect(cut).toBe(`a${'é'.repeat(511)}`);
  });
});
