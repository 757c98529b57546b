import { createKafka } from '../../src/consumers/kafka/client.ts';
import { createConsumerGauges } from '../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaProducer } from '../../src/consumers/kafka/kafka-producer.ts';
import { KafkaRecordSource, type KafkaRecordSourceOptions } from '../../src/consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from '../../src/consumers/kafka/kafkajs-group-consumer.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { kafkaSettings, quietLogger } from './kafka-broker.ts';

/** Releases what a test opened, the last first. */
export class Opened {
  readonly #things: AsyncDisposable[] = [];

  add<T extends AsyncDisposable>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  async release(): Promise<void> {
    for (const thing of this.#things.splice(0).toReversed()) await thing[Symbol.asyncDispose]();
  }
}

/** A producer for the tests' broker. */
export async function makeProducer(opened: Opened): Promise<KafkaProducer> {
  const settings = await kafkaSettings();
  const telemetry = createTelemetry(quietLogger);
  const kafka = createKafka(settings, telemetry);
  return opened.add(new KafkaProducer({ kafka, telemetry, ackTimeoutMs: 5_000, retryMs: settings.retryMs }));
}

/** A source over a fresh client of the tests' broker: a member of its own. */
export async function makeSource(
  opened: Opened,
  topic: string,
  groupId: string,
  options: Partial<KafkaRecordSourceOptions> = {},
) {
  const settings = await kafkaSettings();
  const telemetry = createTelemetry(quietLogger);
  const kafka = createKafka(settings, telemetry);
  const consumer = new KafkajsGroupConsumer({ kafka, settings, topic, groupId, logger: quietLogger });
  const gauges = createConsumerGauges(telemetry.registry);
  const fixed = { topic, consumer, telemetry, gauges, commitIntervalMs: 100 };
  const source = opened.add(new KafkaRecordSource({ ...fixed, ...options }));
  return { source, telemetry };
}

/** Value of a record as text. */
export function textOf(record: SourceRecord): string {
  return Buffer.from(record.value ?? []).toString();
}

/** Sum of a counter over its labels. */
export async function counterOf(telemetry: ReturnType<typeof createTelemetry>, name: string): Promise<number> {
  const metric = await telemetry.registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}
