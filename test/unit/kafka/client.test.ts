import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { decodeApiVersions, unsupportedApis } from '../../../src/consumers/kafka/api-versions.ts';
import { createKafka } from '../../../src/consumers/kafka/client.ts';
import { brokerErrorOf, isNamed } from '../../../src/consumers/kafka/kafka-errors.ts';
import { planTopics } from '../../../src/consumers/kafka/topics.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

/** Versions as a broker answers them: 4.x minima by default. */
function versions(changes: Record<number, [number, number]> = {}): Map<number, { min: number; max: number }> {
  const table: Record<number, [number, number]> = {
    0: [3, 13],
    1: [4, 17],
    2: [1, 10],
    3: [0, 13],
    8: [2, 9],
    9: [1, 9],
    10: [0, 6],
    11: [2, 9],
    12: [0, 4],
    13: [0, 5],
    14: [0, 5],
    19: [2, 7],
    ...changes,
  };
  return new Map(Object.entries(table).map(([key, [min, max]]) => [Number(key), { min, max }]));
}

describe('broker versions', () => {
  it('accepts Kafka 4 and names what a newer broker dropped', () => {
    expect(unsupportedApis(versions())).toEqual([]);
    expect(unsupportedApis(versions({ 0: [8, 20], 11: [6, 9] }))).toEqual(['Produce', 'JoinGroup']);
    const without = versions();
    without.delete(1);
    expect(unsupportedApis(without)).toEqual(['Fetch']);
  });

  it('knows the newest version that the client speaks of each API', () => {
    const require = createRequire(import.meta.url);
    const { requests } = require('kafkajs/src/protocol/requests') as {
      requests: Record<string, { versions: readonly (string | number)[] }>;
    };
    const names = [
      'Produce',
      'Fetch',
      'ListOffsets',
      'Metadata',
      'OffsetCommit',
      'OffsetFetch',
      'JoinGroup',
      'Heartbeat',
      'LeaveGroup',
      'SyncGroup',
      'CreateTopics',
    ];
    const keys = require('kafkajs/src/protocol/requests/apiKeys') as Record<string, number>;
    for (const name of [...names, 'GroupCoordinator']) {
      const newest = Math.max(...(requests[name]?.versions ?? []).map(Number));
      const key = keys[name] as number;
      expect(unsupportedApis(versions({ [key]: [newest, newest] })), name).toEqual([]);
      expect(unsupportedApis(versions({ [key]: [newest + 1, newest + 1] })), name).toHaveLength(1);
    }
    expect(readFileSync(require.resolve('kafkajs/package.json'), 'utf8')).toContain('"version": "2.2.4"');
  });

  it('reads an answer and refuses what is none', () => {
    const answer = Buffer.alloc(14 + 6);
    answer.writeInt32BE(1, 10);
    answer.writeInt16BE(18, 14);
    answer.writeInt16BE(4, 18);
    expect([...decodeApiVersions(answer)]).toEqual([[18, { min: 0, max: 4 }]]);
    for (const bytes of [Buffer.alloc(0), answer.subarray(0, 17), Buffer.alloc(40, 255)]) {
      expect(() => decodeApiVersions(bytes)).toThrow('not that of a Kafka broker');
    }
  });
});

describe('Kafka errors', () => {
  it('finds the broker error behind wrappers, aggregates included', () => {
    const answer = Object.assign(new Error('x'), { type: 'TOPIC_EXISTS', name: 'KafkaJSCreateTopicError' });
    const aggregate = Object.assign(new Error('y'), { errors: [answer] });
    const error = new Error('z', { cause: aggregate });
    expect(brokerErrorOf(error)).toBe('TOPIC_EXISTS');
    expect(isNamed(error, 'KafkaJSCreateTopicError')).toBe(true);
    expect(isNamed(error, 'TypeError')).toBe(false);
    expect(brokerErrorOf('no error at all')).toBeUndefined();
    const round: { cause?: unknown } = {};
    round.cause = round;
    expect(brokerErrorOf(round)).toBeUndefined();
  });
});

describe('planTopics', () => {
  it('gives each topic dead letters that hold its largest record and headers', () => {
    const plans = planTopics({ posts: 'p', extractions: 'x', events: 'e' });
    expect(plans.map(({ topic }) => topic)).toEqual(['p', 'p.dlt', 'x', 'x.dlt', 'e', 'e.dlt']);
    expect(plans.map(({ retentionMs }) => retentionMs / 86_400_000)).toEqual([7, 7, 30, 7, 7, 7]);
    for (let i = 0; i < plans.length; i += 2) {
      const [source, letters] = [plans[i], plans[i + 1]];
      expect((letters?.maxMessageBytes ?? 0) - (source?.maxMessageBytes ?? 0)).toBeGreaterThanOrEqual(64 << 10);
    }
  });
});

describe('createKafka', () => {
  it('writes what the client says to our log, with the noise of a starting broker and of retries well below a warning', async () => {
    const lines: { level: number; said: string; part: string; stack?: string }[] = [];
    const stream = new Writable({
      write(chunk, _encoding, next) {
        lines.push(JSON.parse(String(chunk)));
        next();
      },
    });
    const settings = {
      brokers: ['127.0.0.1:1'],
      clientId: 'c',
      sessionTimeoutMs: 10_000,
      heartbeatMs: 2_000,
      retryMs: 3_000,
    };
    const telemetry = createTelemetry(pino({ level: 'debug' }, stream));
    const log = createKafka(settings, telemetry).logger().namespace('Consumer');
    log.error('Response JoinGroup', { error: "The coordinator is loading and hence can't process requests" });
    log.error('Connection error: ECONNREFUSED');
    log.error('Crash: KafkaJSError: x', { stack: 'long' });
    log.info('Consumer has joined the group');
    log.error('Offset out of range, resetting to default offset');
    log.debug('not at this level');
    expect(lines.map(({ level, part }) => [level, part])).toEqual(
      [20, 30, 40, 20, undefined].map((level, i) => (level ? [level, 'Consumer'] : [50, lines[i]?.part])),
    );
    expect(await telemetry.registry.metrics()).toContain('grapevine_offset_resets_total 1');
    expect(lines[2]).toMatchObject({ said: 'Crash: KafkaJSError: x', msg: 'the Kafka client reported' });
    expect(lines[2]?.stack).toBeUndefined();
  });
});
