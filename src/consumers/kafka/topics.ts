import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { GrapevineError } from '../../errors.ts';
import { deadLetterTopic } from './kafka-dead-letters.ts';
import { brokerErrorOf, kafkaError } from './kafka-errors.ts';

/** Names of the topics between the stages. */
export interface TopicNames {
  readonly posts: string;
  readonly extractions: string;
  readonly events: string;
}

/** How topics are made. */
export interface TopicSettings {
  readonly names: TopicNames;
  /** @default 6 */
  readonly partitions?: number;
  readonly replicationFactor: number;
  /** Longest wait until the brokers know all topics and their leaders, milliseconds. @default 15_000 */
  readonly settleMs?: number;
}

/** One topic to make. */
export interface TopicPlan {
  readonly topic: string;
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
}

/** What became of one topic. */
export interface TopicReport {
  readonly topic: string;
  /** False when it was there before; its settings are then as they were. */
  readonly created: boolean;
  readonly partitions: number;
}

const DAY_MS = 86_400_000;
const MIB = 1 << 20;
const SETTLE_MS = 15_000;
const SETTLE_STEP_MS = 100;
/** What a broker answers about a topic that the controller has made and it has not heard of, or that has no leader yet. */
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
/** Room for what a dead letter's own headers add to the record it keeps. */
const LETTER_ROOM = 64 << 10;

/** The topics of a deployment: three, each followed by its dead letters. */
export function planTopics(names: TopicNames): readonly TopicPlan[] {
  const plans = [
    { topic: names.posts, retentionMs: 7 * DAY_MS, maxMessageBytes: MIB },
    { topic: names.extractions, retentionMs: 30 * DAY_MS, maxMessageBytes: 4 * MIB },
    { topic: names.events, retentionMs: 7 * DAY_MS, maxMessageBytes: 4 * MIB },
  ];
  return plans.flatMap((plan) => [
    plan,
    {
      topic: deadLetterTopic(plan.topic),
      retentionMs: 7 * DAY_MS,
      maxMessageBytes: Math.max(4 * MIB, plan.maxMessageBytes + LETTER_ROOM),
    },
  ]);
}

/** Makes the topics that are missing and says what was done. Topics that exist are left as they are. */
export async function createTopics(kafka: Kafka, settings: TopicSettings): Promise<readonly TopicReport[]> {
  return withAdmin(kafka, async (admin) => {
    const reports: { topic: string; created: boolean }[] = [];
    for (const plan of planTopics(settings.names)) {
      reports.push({ topic: plan.topic, created: await createTopic(admin, plan, settings) });
    }
    const names = reports.map((report) => report.topic);
    const partitions = await settledPartitions(admin, names, settings.settleMs ?? SETTLE_MS);
    return reports.map((report) => ({ ...report, partitions: partitions.get(report.topic) ?? 0 }));
  });
}

/** Rejects with a sentence that says how to make them when topics are missing. */
export async function requireTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const existing = new Set(await withAdmin(kafka, (admin) => admin.listTopics()));
  const missing = topics.filter((topic) => !existing.has(topic));
  if (missing.length === 0) return;
  const what = missing.length === 1 ? `topic ${missing[0]} does` : `topics ${missing.join(', ')} do`;
  throw new GrapevineError(
    'KAFKA_FAILED',
    `looking for topics: ${what} not exist; create them with "grapevine topics create"`,
  );
}

async function createTopic(admin: Admin, plan: TopicPlan, settings: TopicSettings): Promise<boolean> {
  const { topic } = plan;
  const numPartitions = settings.partitions ?? 6;
  const { replicationFactor } = settings;
  const configEntries = [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(plan.retentionMs) },
    { name: 'max.message.bytes', value: String(plan.maxMessageBytes) },
  ];
  try {
    // The client's own wait for leaders fails where the broker it asks has not heard of the topic yet.
    const topics = [{ topic, numPartitions, replicationFactor, configEntries }];
    return await admin.createTopics({ topics, waitForLeaders: false });
  } catch (error) {
    const next =
      brokerErrorOf(error) === 'INVALID_REPLICATION_FACTOR'
        ? { next: `the replication factor ${replicationFactor} must not exceed the number of brokers` }
        : {};
    throw kafkaError('KAFKA_FAILED', `creating topic ${topic}`, error, next);
  }
}

/** Numbers of partitions by topic, once the brokers know every topic and its leaders. */
async function settledPartitions(
  admin: Admin,
  names: readonly string[],
  withinMs: number,
): Promise<ReadonlyMap<string, number>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
      return new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
    } catch (error) {
      const doing = `waiting for the topics ${names.join(', ')}`;
      if (!NOT_YET.has(brokerErrorOf(error) ?? '') || Date.now() >= deadline)
        throw kafkaError('KAFKA_FAILED', doing, error);
    }
    await sleep(SETTLE_STEP_MS);
  }
}

async function withAdmin<T>(kafka: Kafka, task: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await task(admin);
  } catch (error) {
    if (error instanceof GrapevineError) throw error;
    throw kafkaError('KAFKA_FAILED', 'asking the Kafka brokers', error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
