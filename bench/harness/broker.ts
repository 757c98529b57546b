import kafkajs, { type Admin } from 'kafkajs';
import { startKafka } from '../../scripts/servers/kafka.mjs';
import type { WrittenPost } from './posts.ts';

/** A real Kafka of the benchmark's own. */
export interface Broker extends AsyncDisposable {
  readonly brokers: string;
  /** Process ids of its nodes. */
  readonly pids: readonly number[];
  /** Makes topics with as many partitions each. */
  makeTopics(topics: readonly string[], partitions: number): Promise<void>;
  /** Writes records into a topic, in order by key. */
  fill(topic: string, records: Iterable<WrittenPost>): Promise<void>;
  /** Records in a topic so far. */
  count(topic: string): Promise<number>;
}

const BATCH = 2_000;

/** Starts one node and connects to it. */
export async function startBroker(): Promise<Broker> {
  const servers = await startKafka();
  const kafka = new kafkajs.Kafka({ brokers: servers.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const admin: Admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  return {
    brokers: servers.brokers,
    get pids() {
      return servers.nodes.flatMap(({ pid }) => pid ?? []);
    },
    async makeTopics(topics, partitions) {
      await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: partitions })) });
    },
    async fill(topic, records) {
      let messages: WrittenPost[] = [];
      const send = () => producer.send({ topic, acks: -1, messages: messages.splice(0) });
      for (const record of records) if (messages.push(record) === BATCH) await send();
      if (messages.length > 0) await send();
      messages = [];
    },
    async count(topic) {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
      await servers.stop();
    },
  };
}
