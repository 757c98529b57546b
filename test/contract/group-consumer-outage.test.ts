/** Brokers and processes that go away and come back, for every Kafka client; numbered as in `group-consumer`. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { type KafkaServers, startKafka } from '../../scripts/servers/kafka.mjs';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { CLIENT_NAMES } from '../helpers/group-consumers.ts';
import {
  committedOffsets,
  kafkaSettings,
  makeTopics,
  quietTelemetry,
  randomName,
  withoutKafka,
} from '../helpers/kafka-broker.ts';
import {
  counterOf,
  makeProducer,
  makeSource,
  numbersOf,
  Opened,
  range,
  sendNumbers,
  sorted,
  textOf,
  waitUpTo,
} from '../helpers/kafka-member.ts';
import { startReader } from '../helpers/kafka-reader.ts';

const opened = new Opened();
const send = (topic: string, from: number, to: number) => sendNumbers(opened, topic, from, to);

afterEach(() => opened.release());

describe.skipIf(withoutKafka).each(CLIENT_NAMES)('processes that are killed or stopped, on %s', (client) => {
  it('6: lets a process that was taken for dead and comes back commit nothing late', async () => {
    const [topic = ''] = await makeTopics(1, 2);
    const group = randomName('g');
    const committed = async () =>
      Object.values(await committedOffsets(group, topic)).reduce((sum, offset) => sum + offset, 0);
    await send(topic, 0, 200);
    const reader = await startReader(opened, { client, topic, groupId: group, finishBelow: 50 });
    await expect.poll(() => reader.printed.length, waitUpTo(30_000)).toBe(200);
    await expect.poll(committed, waitUpTo(10_000)).toBe(50);
    await reader.kill('SIGSTOP');
    await send(topic, 200, 300);
    const { source, telemetry } = await makeSource(opened, topic, group, { client });
    const seen: SourceRecord[] = [];
    void source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    await expect.poll(committed, waitUpTo(30_000)).toBe(300);
    expect(sorted(numbersOf(seen))).toEqual(range(50, 300));
    // Both signals wait for the stopped process: it finishes all it held the moment it goes on, and joins again.
    await reader.kill('SIGUSR2');
    await reader.kill('SIGCONT');
    await expect.poll(() => counterOf(telemetry, 'grapevine_rebalances_total'), waitUpTo(20_000)).toBe(2);
    await sleep(1_000);
    expect(source.health.partitions).toHaveLength(1);
    expect(await committed()).toBe(300);
  });

  it('loses nothing when its process is killed: what was not done is delivered again', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await send(topic, 0, 200);
    const reader = await startReader(opened, { client, topic, groupId: group, finishBelow: 50 });
    await expect.poll(() => reader.printed.length, waitUpTo(30_000)).toBe(200);
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual({ 0: 50 });
    await reader.kill('SIGKILL');
    const { source } = await makeSource(opened, topic, group, { client });
    const seen: SourceRecord[] = [];
    // One is taken at a time after a death, so each has to be finished.
    void source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    await expect.poll(() => seen.length, waitUpTo(30_000)).toBe(150);
    expect(numbersOf(seen)).toEqual(range(50, 200));
  });
});

describe.skipIf(!available().ok).each(CLIENT_NAMES)('a broker that is killed, on %s', (client) => {
  let servers: KafkaServers;
  beforeAll(async () => {
    servers = await startKafka();
  });
  afterAll(() => servers.stop());

  /** A topic on the broker that is killed, and what reaches that broker. */
  async function makeTopic(partitions: number) {
    const settings = { brokers: [servers.brokers] };
    const topic = randomName('t');
    const admin = createKafka(await kafkaSettings(settings), quietTelemetry()).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
    await admin.disconnect();
    return { topic, settings };
  }

  it('9: holds its bound, also when the client has forgotten the pause', async () => {
    const { topic, settings } = await makeTopic(4);
    const producer = await makeProducer(opened, settings);
    const padding = 'x'.repeat(200_000);
    for (const i of range(0, 40)) await producer.send({ topic, key: `${i}`, value: `${i} ${padding}` });
    const queue = { records: 5, bytes: 1 << 30 };
    const { source, telemetry } = await makeSource(opened, topic, randomName('g'), { client, settings, queue });
    const joins = () => counterOf(telemetry, 'grapevine_rebalances_total');
    const seen: number[] = [];
    const gate = new AbortController();
    void source.run(async (record) => {
      seen.push(Number.parseInt(textOf(record), 10));
      record.done();
      if (!gate.signal.aborted) await once(gate.signal, 'abort');
    });
    await expect.poll(() => source.health.paused, waitUpTo(20_000)).toBe(true);
    const before = await joins();
    await servers.kill(0);
    await expect.poll(() => source.health.joined, waitUpTo(60_000)).toBe(false);
    await servers.restart(0);
    await expect.poll(joins, waitUpTo(60_000)).toBeGreaterThan(before);
    await expect.poll(() => source.health.joined, waitUpTo(60_000)).toBe(true);
    await sleep(2_000);
    // The bound, and the batch that filled it: a fetch brings at most 1 MiB of a partition, which is five records.
    expect(source.health.queuedRecords).toBeLessThanOrEqual(10);
    gate.abort();
    await expect.poll(() => new Set(seen).size, waitUpTo(60_000)).toBe(40);
  });

  it('15, and case 68: waits for the broker, then goes on without loss', async () => {
    const { topic, settings } = await makeTopic(2);
    const producer = await makeProducer(opened, settings);
    const { source } = await makeSource(opened, topic, randomName('g'), { client, settings });
    const seen: SourceRecord[] = [];
    const failures: unknown[] = [];
    const running = source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    running.catch((error: unknown) => failures.push(error));
    const sendAll = (from: number, to: number) =>
      Promise.all(range(from, to).map((i) => producer.send({ topic, key: `${i}`, value: `${i}` })));
    await sendAll(0, 100);
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(100);

    await servers.kill(0);
    const sending = sendAll(100, 200);
    await sleep(5_000);
    await servers.restart(0);
    await sending;
    await expect.poll(() => new Set(numbersOf(seen)).size, waitUpTo(60_000)).toBe(200);
    await expect.poll(() => source.health.pending, waitUpTo(10_000)).toBe(0);
    await expect.poll(() => source.health.partitions.every(({ lag }) => lag === 0), waitUpTo(20_000)).toBe(true);
    expect(failures).toEqual([]);
  });
});
