import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { startKafka } from '../../scripts/servers/kafka.mjs';
import type { KafkaSettings } from '../../src/consumers/kafka/client.ts';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { patiently } from './patiently.ts';

/** True where no Kafka is given and none can be started: tests that need one are left out then. */
export const withoutKafka = !process.env.KAFKA_BROKERS && !available().ok;

let brokers: Promise<string> | undefined;

/** Brokers of a real Kafka: those of KAFKA_BROKERS, else one started for this test file and stopped after it. */
export function kafkaBrokers(): Promise<string> {
  brokers ??= process.env.KAFKA_BROKERS ? Promise.resolve(process.env.KAFKA_BROKERS) : startOwn();
  return brokers;
}

async function startOwn(): Promise<string> {
  const servers = await startKafka();
  stops.push(() => servers.stop());
  return servers.brokers;
}

const stops: (() => Promise<void>)[] = [];
if (!withoutKafka) beforeAll(() => kafkaBrokers().then(() => {}));
afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A log that shows only what is wrong with a test itself. */
export const quietLogger = createLogger('silent');

/** Telemetry on that log. */
export const quietTelemetry = () => createTelemetry(quietLogger);

/** Settings for the tests' broker, with short time-outs. */
export async function kafkaSettings(changes: Partial<KafkaSettings> = {}): Promise<KafkaSettings> {
  return {
    brokers: (await kafkaBrokers()).split(','),
    clientId: 'grapevine-test',
    sessionTimeoutMs: 6_000,
    heartbeatMs: 500,
    retryMs: 1_000,
    ...changes,
  };
}

/** A name that no other test uses. */
export function randomName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** Makes topics and gives their names. */
export async function makeTopics(
  count: number,
  partitions = 1,
  config: Record<string, string> = {},
): Promise<string[]> {
  const topics = Array.from({ length: count }, () => randomName('t'));
  await makeTopicsNamed(topics, partitions, config);
  return topics;
}

/** Makes topics of given names. */
export async function makeTopicsNamed(
  topics: readonly string[],
  partitions = 1,
  config: Record<string, string> = {},
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await withAdmin((admin) =>
    admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1, configEntries })),
    }),
  );
}

/** Runs a task with an admin client of the tests' broker. */
export async function withAdmin<T>(
  task: (admin: ReturnType<ReturnType<typeof createKafka>['admin']>) => Promise<T>,
): Promise<T> {
  const admin = createKafka(await kafkaSettings(), quietTelemetry()).admin();
  await admin.connect();
  try {
    return await task(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Committed offsets of a group by partition; -1 where there is none. */
export async function committedOffsets(groupId: string, topic: string): Promise<Record<number, number>> {
  const [found] = await withAdmin((admin) => patiently(() => admin.fetchOffsets({ groupId, topics: [topic] })));
  return Object.fromEntries((found?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
}
