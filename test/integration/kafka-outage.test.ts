import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { startKafka } from '../../scripts/servers/kafka.mjs';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { createConsumerGauges } from '../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaProducer } from '../../src/consumers/kafka/kafka-producer.ts';
import { KafkaRecordSource } from '../../src/consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from '../../src/consumers/kafka/kafkajs-group-consumer.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { kafkaSettings, quietLogger, quietTelemetry, randomName } from '../helpers/kafka-broker.ts';
import { counterOf, Opened, textOf } from '../helpers/kafka-member.ts';

const opened = new Opened();
const waitUpTo = (timeout: number) => ({ timeout, interval: 50 });

afterEach(() => opened.release());

describe.skipIf(!available().ok)('Kafka in trouble', () => {
  it('waits for a broker that was killed, then goes on without loss', { timeout: 150_000 }, async () => {
    const servers = await startKafka();
    opened.add({ [Symbol.asyncDispose]: () => servers.stop() });
    const settings = await kafkaSettings({ brokers: [servers.brokers] });
    const kafka = createKafka(settings, quietTelemetry());
    const telemetry = createTelemetry(quietLogger);
    const topic = randomName('t');
    const groupId = randomName('g');
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    await admin.disconnect();
    const producer = opened.add(new KafkaProducer({ kafka, telemetry, ackTimeoutMs: 5_000, retryMs: 1_000 }));
    const consumer = new KafkajsGroupConsumer({
      kafka: createKafka(settings, quietTelemetry()),
      settings,
      topic,
      groupId,
      logger: quietLogger,
    });
    const gauges = createConsumerGauges(telemetry.registry);
    const source = opened.add(new KafkaRecordSource({ topic, consumer, telemetry, gauges, commitIntervalMs: 100 }));
    const seen: SourceRecord[] = [];
    const send = (value: string) => producer.send({ topic, key: value, value });
    void source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    await Promise.all(Array.from({ length: 100 }, (_, i) => send(`before ${i}`)));
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(100);

    await servers.kill(0);
    const sending = Promise.all(Array.from({ length: 100 }, (_, i) => send(`during ${i}`)));
    await sleep(5_000);
    await servers.restart(0);
    await sending;
    const distinct = () => new Set(seen.map(textOf)).size;
    await expect.poll(distinct, waitUpTo(60_000)).toBe(200);
    await expect.poll(() => source.health.pending, waitUpTo(10_000)).toBe(0);
    await expect.poll(() => source.health.partitions.every(({ lag }) => lag === 0), waitUpTo(20_000)).toBe(true);
    expect(await counterOf(telemetry, 'grapevine_dependency_retries_total')).toBeGreaterThan(0);
  });
});
