import { describe, expect, it } from 'vitest';
import { createConsumerGauges } from '../../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaRecordSource, type KafkaRecordSourceOptions } from '../../../src/consumers/kafka/kafka-record-source.ts';
import type { SourceRecord } from '../../../src/consumers/record-source.ts';
import { GrapevineError } from '../../../src/errors.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { FakeGroupConsumer } from '../../helpers/kafka-fake-consumer.ts';
import { counterOf } from '../../helpers/kafka-member.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A running source with one fake member, everything it accepted, and a gate for `accept`. */
async function startSource(options: Partial<KafkaRecordSourceOptions> = {}) {
  const consumer = new FakeGroupConsumer();
  const telemetry = createTelemetry(createLogger('silent'));
  const source = new KafkaRecordSource({
    topic: 'posts',
    consumer,
    telemetry,
    gauges: createConsumerGauges(telemetry.registry),
    commitIntervalMs: 3_600_000,
    ...options,
  });
  const accepted: SourceRecord[] = [];
  const gate: { wait: Promise<void> | undefined } = { wait: undefined };
  const running = source.run(async (record) => {
    accepted.push(record);
    await gate.wait;
  });
  running.catch(() => {});
  await turn();
  return { consumer, source, accepted, gate, running, telemetry };
}

const positions = (records: readonly SourceRecord[]) => records.map((record) => record.position);
const doneAll = (records: readonly SourceRecord[]) => records.forEach((record) => record.done());

describe('KafkaRecordSource', () => {
  it('delivers what is fetched and commits only past finished records', async () => {
    const { consumer, source, accepted, running } = await startSource();
    consumer.listener.joined([0], false);
    await consumer.listener.fetched(consumer.batch(0, 10, 13));
    await turn();
    expect(positions(accepted)).toEqual(['posts/0@10', 'posts/0@11', 'posts/0@12', 'posts/0@13']);
    expect(accepted[0]).toMatchObject({ topic: 'posts', partition: 0, offset: 10, timestampMs: 1010 });
    accepted[0]?.done();
    accepted[2]?.done();
    source.stop();
    await running;
    await source[Symbol.asyncDispose]();
    expect(consumer.commits.map((commit) => [...commit])).toEqual([[[0, 11]]]);
    expect(consumer.closed).toBe(true);
  });

  it('drops what a rebalance delivers again of a kept partition', async () => {
    const { consumer, source, accepted, telemetry } = await startSource();
    consumer.listener.joined([0], false);
    await consumer.listener.fetched(consumer.batch(0, 0, 4));
    await turn();
    doneAll(accepted.slice(0, 2));
    consumer.listener.joined([0], true);
    await consumer.listener.fetched(consumer.batch(0, 0, 6));
    await turn();
    expect(positions(accepted).slice(5)).toEqual(['posts/0@5', 'posts/0@6']);
    expect(await telemetry.registry.metrics()).toContain('grapevine_redeliveries_dropped_total{topic="posts"} 5');
    await source[Symbol.asyncDispose]();
    expect(consumer.commits.map((commit) => [...commit])).toEqual([[[0, 2]]]);
  });

  it('ignores late results of a lost partition and discards what was queued of it', async () => {
    const { consumer, source, accepted, gate } = await startSource();
    consumer.listener.joined([0, 1], false);
    gate.wait = new Promise((resolve) => setTimeout(resolve, 20));
    await consumer.listener.fetched(consumer.batch(0, 0, 2));
    await consumer.listener.fetched(consumer.batch(1, 0, 2));
    await turn();
    consumer.listener.joined([1], true);
    expect(source.health.queuedRecords).toBe(3);
    await gate.wait;
    await expect.poll(() => accepted.length).toBe(4);
    expect(positions(accepted)).toEqual(['posts/0@0', 'posts/1@0', 'posts/1@1', 'posts/1@2']);
    doneAll(accepted);
    await source[Symbol.asyncDispose]();
    expect(consumer.commits.map((commit) => [...commit])).toEqual([[[1, 3]]]);
  });

  it('gives back a batch whose partition is not assigned', async () => {
    const { consumer, source } = await startSource();
    consumer.listener.joined([1], false);
    await expect(consumer.listener.fetched(consumer.batch(0, 0, 2))).rejects.toThrow('no longer assigned');
    await source[Symbol.asyncDispose]();
  });

  it('pauses when its queue is full, waits with heartbeats, and goes on when there is room', async () => {
    const { consumer, source, accepted, gate } = await startSource({ queue: { records: 4, bytes: 1 << 20 } });
    let open = () => {};
    gate.wait = new Promise((resolve) => {
      open = resolve;
    });
    consumer.listener.joined([0], false);
    await consumer.listener.fetched(consumer.batch(0, 0, 9));
    expect(consumer.paused).toBe(true);
    const delivered = consumer.listener.fetched(consumer.batch(0, 10, 11));
    await expect.poll(() => consumer.heartbeats).toBeGreaterThan(1);
    expect(accepted).toHaveLength(1);
    gate.wait = undefined;
    open();
    await delivered;
    await expect.poll(() => accepted.length).toBe(12);
    await turn();
    expect(consumer.paused).toBe(false);
    await source[Symbol.asyncDispose]();
  });

  it('gives a waiting batch back when the heartbeat finds a rebalance or the partition has come back anew', async () => {
    const { consumer, source, gate } = await startSource({ queue: { records: 1, bytes: 1 << 20 } });
    gate.wait = new Promise(() => {});
    consumer.listener.joined([0, 1], false);
    await consumer.listener.fetched(consumer.batch(1, 0, 2));
    await turn();
    consumer.onHeartbeat = () => {
      throw new Error('rebalancing');
    };
    await expect(consumer.listener.fetched(consumer.batch(0, 5, 6))).rejects.toThrow('rebalancing');
    consumer.onHeartbeat = () => {
      consumer.listener.joined([], true);
      consumer.listener.joined([0], true);
    };
    await expect(consumer.listener.fetched(consumer.batch(0, 5, 6))).rejects.toThrow();
    source.stop();
    expect(source.health.pending).toBe(0);
  });

  it.each([
    ['fenced', 1],
    ['away', 0],
  ] as const)('keeps marks of a commit that was %s and offers them again', async (answer, counted) => {
    const { consumer, source, accepted, telemetry } = await startSource();
    consumer.listener.joined([0], false);
    await consumer.listener.fetched(consumer.batch(0, 0, 2));
    await turn();
    doneAll(accepted);
    consumer.answer = answer;
    consumer.listener.leaving();
    await turn();
    expect(source.health.joined).toBe(false);
    expect(await counterOf(telemetry, 'grapevine_commits_fenced_total')).toBe(counted);
    consumer.answer = 'committed';
    consumer.listener.joined([0], true);
    await source[Symbol.asyncDispose]();
    expect(consumer.commits.map((commit) => [...commit])).toEqual([[[0, 3]]]);
  });

  it('starts a partition anew when its log ends before what was read from it', async () => {
    const { consumer, source, accepted } = await startSource();
    consumer.listener.joined([0], false);
    await consumer.listener.fetched(consumer.batch(0, 100, 102));
    await turn();
    await consumer.listener.fetched(consumer.batch(0, 0, 1));
    await turn();
    doneAll(accepted);
    expect(positions(accepted).slice(3)).toEqual(['posts/0@0', 'posts/0@1']);
    await source[Symbol.asyncDispose]();
    expect(consumer.commits.map((commit) => [...commit])).toEqual([[[0, 0]], [[0, 2]]]);
  });

  it('passes the control records at the end of a log', async () => {
    const { consumer, source, accepted } = await startSource();
    consumer.listener.joined([0], false);
    consumer.listener.passed(0, 50);
    await consumer.listener.fetched(consumer.batch(0, 0, 1));
    await turn();
    doneAll(accepted);
    consumer.listener.passed(0, 4);
    await source[Symbol.asyncDispose]();
    expect(consumer.commits.map((commit) => [...commit])).toEqual([[[0, 4]]]);
  });

  it('rejects its run when the member stopped for good, also while accept is waiting', async () => {
    const { consumer, source, running, gate } = await startSource();
    gate.wait = new Promise(() => {});
    consumer.listener.joined([0], false);
    await consumer.listener.fetched(consumer.batch(0, 0, 1));
    await turn();
    consumer.listener.failed(new GrapevineError('KAFKA_FAILED', 'consuming posts: it broke'));
    await expect(running).rejects.toMatchObject({ code: 'KAFKA_FAILED' });
    await source[Symbol.asyncDispose]();
    expect(consumer.commits).toEqual([]);
  });

  it('shows how it stands', async () => {
    const { consumer, source, accepted } = await startSource();
    expect(source.health).toMatchObject({ joined: false, partitions: [] });
    consumer.listener.joined([3], false);
    await consumer.listener.fetched(consumer.batch(3, 10, 11, 20));
    await turn();
    accepted[0]?.done();
    expect(source.health).toEqual({
      joined: true,
      paused: false,
      pausedSeconds: 0,
      stalledSeconds: expect.any(Number),
      queuedRecords: 0,
      queuedBytes: 0,
      pending: 1,
      partitions: [{ partition: 3, pending: 1, committed: 10, lag: 9 }],
    });
    await source[Symbol.asyncDispose]();
  });
});
