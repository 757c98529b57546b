import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { GrapevineError } from '../../errors.ts';
import { kafkaError } from './kafka-errors.ts';

/** One record of a scan. */
export interface ScannedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly timestampMs: number;
}

/** What a scan reads with. */
export interface ScanOptions {
  readonly kafka: Kafka;
  /** Begins the name of a consumer group that exists while the scan lasts. */
  readonly groupPrefix: string;
  /** Ends the scan early; what was visited until then stays visited. */
  readonly signal: AbortSignal;
}

/**
 * Reads topics from their oldest record to what was their end when it began, each partition in order, and commits nothing.
 *
 * @throws {KAFKA_FAILED} a topic is missing, or the brokers do not answer
 */
export async function scanTopics(
  topics: readonly string[],
  { kafka, groupPrefix, signal }: ScanOptions,
  visit: (record: ScannedRecord) => Promise<void> | void,
): Promise<void> {
  const groupId = `${groupPrefix}-${randomUUID()}`;
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 200 });
  try {
    await admin.connect();
    const left = await endsOf(admin, topics);
    if (left.size === 0) return;
    let ended = false;
    let resolve = () => {};
    let reject: (error: unknown) => void = () => {};
    const finished = new Promise<void>((done, fail) => {
      [resolve, reject] = [done, fail];
      // The client would start again for ever; a person waits for this.
      consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    });
    signal.addEventListener('abort', resolve, { once: true });
    const passed = (topic: string, partition: number, next: number) => {
      const key = `${topic}/${partition}`;
      if (next >= (left.get(key) ?? Number.POSITIVE_INFINITY)) left.delete(key);
      if (left.size === 0) resolve();
    };
    // Records at the end of a partition may be for nobody; then no handler is called.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      passed(payload.topic, payload.partition, Number(payload.lastOffset) + 1);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const offset = Number(message.offset);
        if (ended || signal.aborted || offset >= (left.get(`${topic}/${partition}`) ?? 0)) return;
        const { key, value, headers = {} } = message;
        try {
          await visit({ topic, partition, offset, key, value, headers, timestampMs: Number(message.timestamp) });
          passed(topic, partition, offset + 1);
        } catch (error) {
          // The client would call again and again.
          ended = true;
          reject(error);
        }
      },
    });
    await finished;
  } catch (error) {
    if (error instanceof GrapevineError) throw error;
    throw kafkaError('KAFKA_FAILED', `reading ${topics.join(', ')}`, error);
  } finally {
    await consumer.disconnect().catch(() => {});
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect().catch(() => {});
  }
}

/** One past the last offset of each partition that holds records. */
async function endsOf(admin: ReturnType<Kafka['admin']>, topics: readonly string[]): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high));
    }
  }
  return ends;
}
