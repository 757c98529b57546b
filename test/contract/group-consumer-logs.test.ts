/**
 * Logs that are out of the ordinary, for every Kafka client: behaviours 10 to 12 of clients, and cases 21 to 26 of the
 * list of bad inputs.
 */
import type { Producer } from 'kafkajs';
import { afterEach, describe, expect, it } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { MAX_BATCH_BYTES } from '../../src/consumers/kafka/codecs/bounded.ts';
import { deadLetterTopic, KafkaDeadLetters } from '../../src/consumers/kafka/kafka-dead-letters.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { CLIENT_NAMES } from '../helpers/group-consumers.ts';
import {
  committedOffsets,
  kafkaSettings,
  makeTopics,
  makeTopicsNamed,
  quietTelemetry,
  randomName,
  withAdmin,
  withoutKafka,
} from '../helpers/kafka-broker.ts';
import { writeWithJava } from '../helpers/kafka-java-writer.ts';
import {
  counterOf,
  type MakeSourceOptions,
  makeProducer,
  makeSource,
  numbersOf,
  Opened,
  range,
  sendNumbers,
  textOf,
  waitUpTo,
} from '../helpers/kafka-member.ts';

const opened = new Opened();

afterEach(() => opened.release());

/** A member that finishes all it gets. */
async function readFrom(topic: string, options: MakeSourceOptions, group = randomName('g')) {
  const { source, telemetry } = await makeSource(opened, topic, group, options);
  const seen: SourceRecord[] = [];
  const running = source.run(async (record) => {
    seen.push(record);
    record.done();
  });
  running.catch(() => {});
  return { source, telemetry, seen, running, group };
}

/** Sends values in transactions, of which those that are to be given up leave nothing but markers to a reader. */
async function sendInTransactions(topic: string, values: readonly { value: string; commit: boolean }[]): Promise<void> {
  const kafka = createKafka(await kafkaSettings(), quietTelemetry());
  const transactionalId = randomName('tx');
  const producer: Producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const { value, commit } of values) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value }] });
    await (commit ? transaction.commit() : transaction.abort());
  }
  await producer.disconnect();
}

describe.skipIf(withoutKafka).each(CLIENT_NAMES)('logs out of the ordinary, on %s', (client) => {
  describe.skipIf(!available().ok)('compressed by Java', () => {
    it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
      '11: reads batches in %s, every record, in order',
      async (compression) => {
        const [topic = ''] = await makeTopics(1);
        await writeWithJava(topic, compression, 3_000, 40);
        const { seen } = await readFrom(topic, { client });
        await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(3_000);
        expect(seen.map((record) => textOf(record).replace(/x+$/, ''))).toEqual(
          range(0, 3_000).map((i) => `value-${i}`),
        );
      },
    );

    it.each([
      ['10: a client that stops for good says so and is not taken for joined', 'zstd'],
      ['12: a batch that would become too large stops it by name and is not passed over', 'gzip'],
    ])('%s', async (_, compression) => {
      const [topic = ''] = await makeTopics(1, 1, { 'max.message.bytes': '4000000' });
      await writeWithJava(topic, 'none', 1);
      const { source, seen, running, group } = await readFrom(topic, { client });
      await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(1);
      await writeWithJava(topic, compression, 1, MAX_BATCH_BYTES + 1_000_000);
      const failure = { code: 'KAFKA_FAILED', message: expect.stringContaining('batch_too_large') };
      await expect(running).rejects.toMatchObject(failure);
      expect(source.health.joined).toBe(false);
      await source[Symbol.asyncDispose]();
      expect((await committedOffsets(group, topic))[0]).toBeLessThanOrEqual(1);
      const again = await readFrom(topic, { client });
      await expect(again.running).rejects.toMatchObject(failure);
    });
  });

  it('21: a record larger than what a fetch may bring of a partition is processed all the same', async () => {
    const [topic = ''] = await makeTopics(1, 1, { 'max.message.bytes': '4000000' });
    const producer = await makeProducer(opened);
    for (const value of ['before', 'x'.repeat(3_000_000), 'after']) await producer.send({ topic, key: 'k', value });
    const { seen, group } = await readFrom(topic, { client });
    await expect.poll(() => seen.map((record) => record.value?.length), waitUpTo(20_000)).toEqual([6, 3_000_000, 5]);
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual({ 0: 3 });
  });

  it('22: binary and repeated headers reach the reader, and the dead letter, as they are', async () => {
    const [topic = ''] = await makeTopics(1);
    await makeTopicsNamed([deadLetterTopic(topic)]);
    const producer = await makeProducer(opened);
    const headers = { plain: 'a', bytes: Buffer.from([0, 255]), twice: ['b', Buffer.from([254, 0])] };
    await producer.send({ topic, key: Buffer.from([1, 2, 0]), value: null, headers });
    const kept = {
      plain: Buffer.from('a'),
      bytes: Buffer.from([0, 255]),
      twice: [Buffer.from('b'), Buffer.from([254, 0])],
    };
    const { seen } = await readFrom(topic, { client });
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(1);
    const record = seen[0] as SourceRecord;
    expect(record).toMatchObject({ value: null, position: `${topic}/0@0` });
    expect(Buffer.from(record.key ?? [])).toEqual(Buffer.from([1, 2, 0]));
    expect(record.headers).toEqual(kept);
    expect(Math.abs((record.timestampMs ?? 0) - Date.now())).toBeLessThan(600_000);
    const letters = new KafkaDeadLetters({ producer, topic });
    await letters.write(record, { reason: 'parse', message: 'm', stage: 'extract' });
    const dead = await readFrom(deadLetterTopic(topic), { client });
    await expect.poll(() => dead.seen.length, waitUpTo(20_000)).toBe(1);
    expect(dead.seen[0]?.headers).toMatchObject(kept);
    expect(Buffer.from(dead.seen[0]?.key ?? [])).toEqual(Buffer.from([1, 2, 0]));
  });

  it('23: the position passes control records, aborted records and gaps, also at the end of the log', async () => {
    const [topic = ''] = await makeTopics(1);
    const producer = await makeProducer(opened);
    await producer.send({ topic, key: 'k', value: '0' });
    await sendInTransactions(topic, [
      { value: '1', commit: true },
      { value: 'given up', commit: false },
    ]);
    await producer.send({ topic, key: 'k', value: '2' });
    const { source, seen, group } = await readFrom(topic, { client });
    // Three records, a marker of the one that counts, and of the one given up the record and its marker.
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(20_000)).toEqual({ 0: 6 });
    // A fetch that holds nothing for anyone.
    await sendInTransactions(topic, [{ value: 'given up', commit: false }]);
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(20_000)).toEqual({ 0: 8 });
    expect(numbersOf(seen)).toEqual([0, 1, 2]);
    expect(source.health.partitions).toMatchObject([{ pending: 0, lag: 0 }]);
  });

  it('24: goes on at the oldest record when its committed offset is gone from the log, and counts that', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await sendNumbers(opened, topic, 0, 100);
    await withAdmin(async (admin) => {
      await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '10' }] });
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '50' }] });
    });
    const { telemetry, seen } = await readFrom(topic, { client }, group);
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(50);
    expect(numbersOf(seen)).toEqual(range(50, 100));
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual({ 0: 100 });
    expect(await counterOf(telemetry, 'grapevine_offset_resets_total')).toBe(1);
  });

  it('25: a missing topic is named with what to do, and not made', async () => {
    const topic = randomName('missing');
    const { source } = await makeSource(opened, topic, randomName('g'), { client });
    await expect(source.run(async () => {})).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringMatching(`${topic}.*grapevine topics create`),
    });
    expect(source.health.joined).toBe(false);
    expect(await withAdmin((admin) => admin.listTopics())).not.toContain(topic);
  });

  it('26: partitions that are added while it runs are read from their beginning', async () => {
    const [topic = ''] = await makeTopics(1);
    await sendNumbers(opened, topic, 0, 10);
    const { source, seen } = await readFrom(topic, { client, metadataAgeMs: 500 });
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(10);
    await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] }));
    // Written before the member can know of them.
    await sendNumbers(opened, topic, 10, 110);
    await expect.poll(() => source.health.partitions.length, waitUpTo(20_000)).toBe(4);
    await expect.poll(() => new Set(numbersOf(seen)).size, waitUpTo(20_000)).toBe(110);
    // The producer may have written some twice while the brokers were at odds about the partitions; each comes once.
    expect(new Set(seen.map(({ position }) => position)).size).toBe(seen.length);
  });
});
