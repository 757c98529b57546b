/**
 * Guards against kafkajs itself, numbered like the behaviours that made them necessary: 13, 14 and 17 here, 18 in
 * `kafka-security`. What any client has to do is in `test/contract/group-consumer`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Kafka, ProducerBatch, ProducerConfig } from 'kafkajs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { KafkaDeadLetters } from '../../src/consumers/kafka/kafka-dead-letters.ts';
import { KafkaProducer } from '../../src/consumers/kafka/kafka-producer.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { makeTopics, quietTelemetry, randomName, withoutKafka } from '../helpers/kafka-broker.ts';
import { counterOf, makeSource, numbersOf, Opened, range, sendNumbers, waitUpTo } from '../helpers/kafka-member.ts';

interface ConsumerGroup {
  prototype: { fetch(node: number): Promise<unknown>; joinAndSync(): Promise<void> };
}
const ConsumerGroup = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as ConsumerGroup;

const opened = new Opened();

afterEach(async () => {
  vi.restoreAllMocks();
  await opened.release();
});

const broken = () => Promise.reject(new TypeError("Cannot read property '0' of undefined"));

describe('13: the warning of newer Node versions about a negative timer', () => {
  it('is kept from an operator, and every other warning appears', async () => {
    const settings = {
      brokers: ['127.0.0.1:1'],
      clientId: 'c',
      sessionTimeoutMs: 6_000,
      heartbeatMs: 500,
      retryMs: 100,
    };
    createKafka(settings, quietTelemetry());
    const seen: string[] = [];
    const listener = (warning: Error) => seen.push(warning.name);
    process.on('warning', listener);
    await new Promise<void>((resolve) => setTimeout(resolve, -5));
    process.emitWarning('-5 is a negative number.', 'TimeoutNegativeWarning');
    process.emitWarning('1e99 does not fit', 'TimeoutOverflowWarning');
    process.emitWarning('old', { type: 'DeprecationWarning' });
    process.emitWarning(new Error('an error of its own'));
    await expect.poll(() => seen.length).toBeGreaterThanOrEqual(3);
    process.off('warning', listener);
    expect(seen).toEqual(['TimeoutOverflowWarning', 'DeprecationWarning', 'Error']);
  });
});

describe.skipIf(withoutKafka)('14: a TypeError from inside kafkajs', () => {
  /** A source of numbers; `failed` resolves with what its run rejects with. */
  async function startSource() {
    const [topic = ''] = await makeTopics(1);
    await sendNumbers(opened, topic, 0, 10);
    const { source, telemetry } = await makeSource(opened, topic, randomName('g'));
    const seen: SourceRecord[] = [];
    const running = source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    const failed = running.then(
      () => undefined,
      (error: unknown) => error,
    );
    return { topic, source, telemetry, seen, failed };
  }

  it('starts the consumer over and is no record’s failure', async () => {
    const { topic, source, telemetry, seen } = await startSource();
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(10);
    await expect.poll(() => source.health.pending, waitUpTo(10_000)).toBe(0);
    vi.spyOn(ConsumerGroup.prototype, 'fetch').mockImplementationOnce(broken).mockImplementationOnce(broken);
    await expect
      .poll(() => counterOf(telemetry, 'grapevine_rebalances_total'), waitUpTo(30_000))
      .toBeGreaterThanOrEqual(3);
    await sendNumbers(opened, topic, 10, 20);
    await expect.poll(() => new Set(numbersOf(seen)), waitUpTo(20_000)).toEqual(new Set(range(0, 20)));
    expect(source.health.joined).toBe(true);
    expect(await counterOf(telemetry, 'grapevine_records_rejected_total')).toBe(0);
  });

  it('does the same in the first join', async () => {
    vi.spyOn(ConsumerGroup.prototype, 'joinAndSync').mockImplementationOnce(broken);
    const { seen } = await startSource();
    await expect.poll(() => seen.length, waitUpTo(30_000)).toBe(10);
  });

  it('ends the run when starting over does not help', async () => {
    vi.spyOn(ConsumerGroup.prototype, 'fetch').mockImplementation(broken);
    const { failed, source } = await startSource();
    expect(await failed).toMatchObject({ code: 'KAFKA_FAILED' });
    expect(source.health.joined).toBe(false);
  });
});

describe('17: what is written', () => {
  it('goes through one kind of producer, which is not idempotent and waits for all replicas', async () => {
    const made: ProducerConfig[] = [];
    const sent: ProducerBatch[] = [];
    const producing = {
      connect: async () => {},
      disconnect: async () => {},
      sendBatch: async (batch: ProducerBatch) => void sent.push(batch),
    };
    const kafka = { producer: (config: ProducerConfig) => made.push(config) && producing } as unknown as Kafka;
    const producer = opened.add(
      new KafkaProducer({ kafka, telemetry: quietTelemetry(), ackTimeoutMs: 1_000, retryMs: 1 }),
    );
    await producer.send({ topic: 't', key: 'k', value: 'v' });
    const record = { value: Buffer.from('v'), key: null, headers: {}, position: 't/0@0', done() {} };
    await new KafkaDeadLetters({ producer, topic: 't' }).write(record, { reason: 'r', message: 'm', stage: 'extract' });
    expect(made).toMatchObject([{ idempotent: false, allowAutoTopicCreation: false }]);
    expect(made[0]).not.toHaveProperty('transactionalId');
    expect(sent.map(({ acks }) => acks)).toEqual([-1, -1]);
  });

  it('is written by nothing else', () => {
    const folder = join(import.meta.dirname, '../../src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const producing = files.filter((name) => /\.producer\(/.test(readFileSync(join(folder, name), 'utf8')));
    expect(producing.map((name) => name.replaceAll('\\', '/'))).toEqual(['consumers/kafka/kafka-producer.ts']);
  });
});
