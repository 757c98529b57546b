import { createKafka, type KafkaSettings } from '../../src/consumers/kafka/client.ts';
import { createConsumerGauges } from '../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaProducer } from '../../src/consumers/kafka/kafka-producer.ts';
import { KafkaRecordSource, type KafkaRecordSourceOptions } from '../../src/consumers/kafka/kafka-record-source.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { CLIENTS, type ClientName } from './group-consumers.ts';
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
export async function makeProducer(opened: Opened, changes: Partial<KafkaSettings> = {}): Promise<KafkaProducer> {
  const settings = await kafkaSettings(changes);
  const telemetry = createTelemetry(quietLogger);
  const kafka = createKafka(settings, telemetry);
  return opened.add(new KafkaProducer({ kafka, telemetry, ackTimeoutMs: 5_000, retryMs: settings.retryMs }));
}

/** Which client reads, and how, where it is not the usual way. */
export interface MakeSourceOptions extends Partial<KafkaRecordSourceOptions> {
  /** @default kafkajs */
  readonly client?: ClientName;
  readonly settings?: Partial<KafkaSettings>;
  readonly metadataAgeMs?: number;
}

/** A source over a fresh client of the tests' broker: a member of its own. */
export async function makeSource(
  opened: Opened,
  topic: string,
  groupId: string,
  { client = 'kafkajs', settings: changes, metadataAgeMs, ...options }: MakeSourceOptions = {},
) {
  const settings = await kafkaSettings(changes);
  const telemetry = createTelemetry(quietLogger);
  const member = { settings, topic, groupId, telemetry };
  const consumer = CLIENTS[client](metadataAgeMs === undefined ? member : { ...member, metadataAgeMs });
  const gauges = createConsumerGauges(telemetry.registry);
  const fixed = { topic, consumer, telemetry, gauges, commitIntervalMs: 100 };
  const source = opened.add(new KafkaRecordSource({ ...fixed, ...options }));
  return { source, telemetry };
}

/** Sends the numbers from `from` to `to`, `to` not included, one key each. */
export async function sendNumbers(opened: Opened, topic: string, from: number, to: number): Promise<void> {
  const producer = await makeProducer(opened);
  await Promise.all(range(from, to).map((number) => producer.send({ topic, key: `${number}`, value: `${number}` })));
}

/** Value of a record as text. */
export function textOf(record: SourceRecord): string {
  return Buffer.from(record.value ?? []).toString();
}

/** Values of records that are numbers. */
export const numbersOf = (records: readonly SourceRecord[]) => records.map((record) => Number(textOf(record)));

/** The numbers from `from` to `to`, `to` not included. */
export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Numbers in rising order. */
export const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

/** How to poll for what may take so long, milliseconds. */
export const waitUpTo = (timeout: number) => ({ timeout, interval: 50 });

/** Sum of a counter over its labels. */
export async function counterOf(telemetry: ReturnType<typeof createTelemetry>, name: string): Promise<number> {
  const metric = await telemetry.registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}
