import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkBrokers } from '../../src/consumers/kafka/check-brokers.ts';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { KafkaDeadLetters } from '../../src/consumers/kafka/kafka-dead-letters.ts';
import { createKafkaEventPublisher } from '../../src/consumers/kafka/kafka-event-publisher.ts';
import { KafkaExtractionSink } from '../../src/consumers/kafka/kafka-extraction-sink.ts';
import { createTopics, planTopics } from '../../src/consumers/kafka/topics.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { GraphEvent } from '../../src/domain/graph.ts';
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
import { makeProducer, makeSource, Opened, textOf } from '../helpers/kafka-member.ts';

const opened = new Opened();
const waitUpTo = (timeout: number) => ({ timeout, interval: 50 });

afterEach(() => opened.release());

/** The first `count` records of a topic, as they are delivered. */
async function readAll(topic: string, count: number): Promise<SourceRecord[]> {
  const { source } = await makeSource(opened, topic, randomName('g'));
  const seen: SourceRecord[] = [];
  void source.run(async (record) => void seen.push(record));
  await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(count);
  return seen;
}

const keyOf = (record: SourceRecord | undefined) => Buffer.from(record?.key ?? []).toString();

describe.skipIf(withoutKafka)('KafkaProducer on a real broker', () => {
  it('keeps the order of its calls and isolates a record that is too large', async () => {
    const [topic = ''] = await makeTopics(1, 1, { 'max.message.bytes': '20000' });
    const producer = await makeProducer(opened);
    const values = Array.from({ length: 50 }, (_, i) => (i === 17 ? 'x'.repeat(30_000) : `${i} ${'y'.repeat(1000)}`));
    const results = await Promise.allSettled(values.map((value) => producer.send({ topic, key: 'k', value })));
    const rejected = results.flatMap((result, i) => (result.status === 'rejected' ? [[i, result.reason]] : []));
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toEqual([17, expect.objectContaining({ code: 'RECORD_TOO_LARGE', retryable: false })]);
    const records = await readAll(topic, 49);
    expect(records.map((record) => textOf(record))).toEqual(values.filter((_, i) => i !== 17));
  });

  it('waits for a topic that is not there yet instead of losing the record', async () => {
    const topic = randomName('late');
    const producer = await makeProducer(opened);
    let sent = false;
    const sending = producer.send({ topic, key: null, value: 'patience' }).then(() => {
      sent = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(sent).toBe(false);
    await makeTopicsNamed([topic]);
    await sending;
    expect(textOf((await readAll(topic, 1))[0] as SourceRecord)).toBe('patience');
  });

  it('rejects what is not sent when it is closed', async () => {
    const producer = await makeProducer(opened);
    const sending = producer.send({ topic: randomName('never'), key: null, value: 'v' });
    sending.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    await producer[Symbol.asyncDispose]();
    await expect(sending).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(producer.send({ topic: 't', key: null, value: 'v' })).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('writes extractions and events under their keys', async () => {
    const [extractions = '', events = ''] = await makeTopics(2);
    const producer = await makeProducer(opened);
    const sink = new KafkaExtractionSink({ producer, topic: extractions });
    const extractor = { bundle: 'b', generation: 1 };
    const lists = { images: [], mentions: [], relations: [] };
    const gone = { id: 'p1', platform: 'native', deleted: true } as const;
    const extraction: Extraction = { schema: 1, post: { ...gone, author: { id: 'a1' } }, extractor, ...lists };
    await sink.write(extraction);
    await sink.write({ ...extraction, post: gone });
    const publish = createKafkaEventPublisher({ producer, topic: events });
    const event = { key: 'e1', kind: 'fact.created', position: 1, fact: { id: 'fact_1' } } as GraphEvent;
    await publish([event, { ...event, key: 'e2', position: 2 }]);

    const [withAuthor, without] = await readAll(extractions, 2);
    expect([keyOf(withAuthor), keyOf(without)]).toEqual(['a1', 'p1']);
    expect(JSON.parse(textOf(withAuthor as SourceRecord))).toEqual(extraction);
    const [first, second] = await readAll(events, 2);
    expect([keyOf(first), keyOf(second)]).toEqual(['fact_1', 'fact_1']);
    expect(JSON.parse(textOf(second as SourceRecord))).toMatchObject({ key: 'e2', position: 2 });
  });
});

describe.skipIf(withoutKafka)('KafkaDeadLetters on a real broker', () => {
  it('keeps the original bytes before the offset is committed, also of a letter that is rejected again', async () => {
    const [topic = ''] = await makeTopics(1);
    await makeTopicsNamed([`${topic}.dlt`]);
    const group = randomName('g');
    const producer = await makeProducer(opened);
    const value = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
    const headers = {
      keep: Buffer.from([9]),
      'x-error-class': 'old',
      'x-error-first-failed-at': '2026-01-02T03:04:05.000Z',
    };
    await producer.send({ topic, key: 'author', value, headers });

    const { source } = await makeSource(opened, topic, group);
    const letters = new KafkaDeadLetters({ producer, topic });
    const committedAtWrite: unknown[] = [];
    void source.run(async (record) => {
      await letters.write(record, { reason: 'utf8', message: 'é'.repeat(2000), stage: 'extract' });
      committedAtWrite.push(await committedOffsets(group, topic));
      record.done();
    });
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(20_000)).toEqual({ 0: 1 });
    expect(committedAtWrite).toEqual([{ 0: 0 }]);

    const [letter] = await readAll(`${topic}.dlt`, 1);
    expect(Buffer.from(letter?.value ?? [])).toEqual(value);
    expect(keyOf(letter)).toBe('author');
    const found = Object.fromEntries(
      Object.entries(letter?.headers ?? {}).map(([name, bytes]) => [name, String(bytes)]),
    );
    expect(found).toEqual({
      keep: '\t',
      'x-original-topic': topic,
      'x-original-partition': '0',
      'x-original-offset': '0',
      'x-original-timestamp': expect.stringMatching(/^\d{13}$/),
      'x-error-class': 'utf8',
      'x-error-message': 'é'.repeat(512),
      'x-error-stage': 'extract',
      'x-error-first-failed-at': '2026-01-02T03:04:05.000Z',
    });
  });

  it('does not settle while the letter cannot be written', async () => {
    const topic = randomName('no-dlt');
    const producer = await makeProducer(opened);
    const letters = new KafkaDeadLetters({ producer, topic });
    const record = { value: Buffer.from('v'), key: null, headers: {}, position: 'x/0@0', done() {} };
    const writing = letters.write(record, { reason: 'json', message: 'm', stage: 'extract' });
    writing.catch(() => {});
    const first = await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 1000, 'waiting'))]);
    expect(first).toBe('waiting');
    await producer[Symbol.asyncDispose]();
    await expect(writing).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe.skipIf(withoutKafka)('topics and brokers', () => {
  it('makes missing topics, leaves others as they are, and reports both', async () => {
    const names = { posts: randomName('p'), extractions: randomName('x'), events: randomName('e') };
    await makeTopicsNamed([names.extractions], 2);
    const kafka = createKafka(await kafkaSettings(), quietTelemetry());
    const reports = await createTopics(kafka, { names, partitions: 3, replicationFactor: 1 });
    expect(reports).toEqual(
      planTopics(names).map(({ topic }) => {
        const existed = topic === names.extractions;
        return { topic, created: !existed, partitions: existed ? 2 : 3 };
      }),
    );
    expect((await createTopics(kafka, { names, replicationFactor: 1 })).some((report) => report.created)).toBe(false);
    const { resources } = await withAdmin((admin) =>
      admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: `${names.posts}.dlt` }] }),
    );
    const config = new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]));
    expect([config.get('max.message.bytes'), config.get('retention.ms')]).toEqual(['4194304', '604800000']);
  });

  it('says what to do about a replication factor that cannot be had', async () => {
    const names = { posts: randomName('p'), extractions: randomName('x'), events: randomName('e') };
    const kafka = createKafka(await kafkaSettings(), quietTelemetry());
    await expect(createTopics(kafka, { names, replicationFactor: 9 })).rejects.toThrow(
      'the replication factor 9 must not exceed the number of brokers',
    );
  });

  it('passes brokers that answer and names missing topics', async () => {
    const settings = await kafkaSettings();
    const kafka = createKafka(settings, quietTelemetry());
    const topics = await makeTopics(1);
    await checkBrokers({ kafka, settings, topics });
    const missing = randomName('missing');
    await expect(checkBrokers({ kafka, settings, topics: [...topics, missing] })).rejects.toThrow(
      `topic ${missing} does not exist; create them with "grapevine topics create"`,
    );
  });

  it('says in one sentence that no broker answers, or that it is no Kafka', async () => {
    const settings = await kafkaSettings({ brokers: ['127.0.0.1:1'] });
    const kafka = createKafka(settings, quietTelemetry());
    await expect(checkBrokers({ kafka, settings, topics: [] })).rejects.toMatchObject({
      code: 'KAFKA_UNREACHABLE',
      message: expect.stringMatching(
        /^connecting to Kafka at 127\.0\.0\.1:1: .*ECONNREFUSED.*; is the broker running\?/,
      ),
    });
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.add({ [Symbol.asyncDispose]: async () => void server.close() });
    const { port } = server.address() as { port: number };
    const other = await kafkaSettings({ brokers: [`127.0.0.1:${port}`] });
    await expect(checkBrokers({ kafka, settings: other, topics: [] })).rejects.toThrow('not that of a Kafka broker');
  });
});
