import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import type { GraphEvent } from '../../src/domain/graph.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { patiently } from '../helpers/patiently.ts';

/** One run of the proof. */
export interface KillRun {
  readonly brokers: string;
  /** Where the consumers write: `GRAPH_URL` and what it needs. */
  readonly graph: Readonly<Record<string, string>>;
  /** Posts in the native format, a line each. */
  readonly lines: readonly string[];
  /** Folder of the posts' pictures. */
  readonly imageRoot: string;
  /** How often the consumer is killed, each time after it committed something new. */
  readonly kills: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
}

/** What a run left. */
export interface KillReport {
  /** Hash of the graph afterwards. */
  readonly digest: string;
  readonly kills: number;
  /** Offsets committed over both groups at each kill. */
  readonly committedAtKills: readonly number[];
  /** Records in the topic `extractions`; more than posts when some were extracted twice. */
  readonly extractions: number;
  /** Events published, repeats included, and how many differ. */
  readonly events: number;
  readonly distinctEvents: number;
  /** Facts created minus facts retracted, over distinct events. */
  readonly liveByEvents: number;
}

interface Names {
  readonly posts: string;
  readonly extractions: string;
  readonly events: string;
  readonly groups: readonly { readonly groupId: string; readonly topic: string }[];
}

/**
 * Sends posts through Kafka into a graph while the consumer is killed again and again, and reports what is left.
 *
 * A kill comes only after the consumer committed an offset it had not committed before, so every kill interrupts work.
 */
export async function surviveKills(run: KillRun): Promise<KillReport> {
  const id = randomUUID().slice(0, 8);
  const names: Names = {
    posts: `posts-${id}`,
    extractions: `extractions-${id}`,
    events: `events-${id}`,
    groups: [
      { groupId: `kill-${id}-extract`, topic: `posts-${id}` },
      { groupId: `kill-${id}-upsert`, topic: `extractions-${id}` },
    ],
  };
  const env = {
    KAFKA_BROKERS: run.brokers,
    KAFKA_TOPIC_POSTS: names.posts,
    KAFKA_TOPIC_EXTRACTIONS: names.extractions,
    KAFKA_TOPIC_EVENTS: names.events,
    KAFKA_GROUP_PREFIX: `kill-${id}`,
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    KAFKA_COMMIT_INTERVAL_MS: '200',
    IMAGE_ROOT: run.imageRoot,
    ...run.graph,
    ...run.settings,
  };
  const created = await runCli(['topics', 'create'], { env });
  if (created.code !== 0) throw new Error(created.stderr);
  const kafka = new kafkajs.Kafka({ brokers: run.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await produce(kafka, names.posts, run.lines);
    const committedAtKills = await killRepeatedly(run, env, admin, names);
    await finish(env, admin, names, run);
    const digest = await runCli(['graph', 'digest'], { env });
    if (digest.code !== 0) throw new Error(digest.stderr);
    const events = await readEvents(kafka, admin, names.events);
    const distinct = [...new Map(events.map((event) => [event.key, event])).values()];
    const count = (kind: string) => distinct.filter((event) => event.kind === kind).length;
    return {
      digest: digest.stdout.trim(),
      kills: committedAtKills.length,
      committedAtKills,
      extractions: await endOffset(admin, names.extractions),
      events: events.length,
      distinctEvents: distinct.length,
      liveByEvents: count('fact.created') - count('fact.retracted'),
    };
  } finally {
    await admin.disconnect();
  }
}

async function produce(kafka: Kafka, topic: string, lines: readonly string[]): Promise<void> {
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let i = 0; i < lines.length; i += 200) {
    const messages = lines.slice(i, i + 200).map((line) => {
      const { id, author } = JSON.parse(line) as { id: string; author?: { id: string } };
      return { key: author?.id ?? id, value: line };
    });
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
}

async function killRepeatedly(
  run: KillRun,
  env: Record<string, string>,
  admin: Admin,
  names: Names,
): Promise<number[]> {
  const committedAtKills: number[] = [];
  let before = 0;
  for (let kill = 1; kill <= run.kills; kill++) {
    await using consumer = new RunningCli(['consume', 'all'], { env });
    let now = before;
    while (now <= before) {
      if (consumer.child.exitCode !== null) throw new Error(`the consumer ended by itself: ${consumer.stderr}`);
      await sleep(50);
      now = await committed(admin, names);
    }
    await consumer.end('SIGKILL');
    before = await committed(admin, names);
    committedAtKills.push(before);
    run.log?.(`kill ${kill}: ${before} offsets committed`);
  }
  return committedAtKills;
}

/** Lets one consumer work until nothing is left, then ends it in order. */
async function finish(env: Record<string, string>, admin: Admin, names: Names, run: KillRun): Promise<void> {
  await using consumer = new RunningCli(['consume', 'all'], { env });
  for (;;) {
    if (consumer.child.exitCode !== null) throw new Error(`the consumer ended by itself: ${consumer.stderr}`);
    const done = await committed(admin, names);
    const all = (await endOffset(admin, names.posts)) + (await endOffset(admin, names.extractions));
    // Every post yields an extraction, so nothing is left once both topics are read to an end that is far enough.
    if (done === all && (await endOffset(admin, names.extractions)) >= run.lines.length) break;
    await sleep(100);
  }
  const code = await consumer.end('SIGTERM');
  if (code !== 0) throw new Error(`the consumer ended with ${code}: ${consumer.stderr}`);
}

async function committed(admin: Admin, names: Names): Promise<number> {
  let sum = 0;
  for (const { groupId, topic } of names.groups) {
    const [offsets] = await patiently(() => admin.fetchOffsets({ groupId, topics: [topic] }));
    for (const { offset } of offsets?.partitions ?? []) sum += Math.max(0, Number(offset));
  }
  return sum;
}

async function endOffset(admin: Admin, topic: string): Promise<number> {
  const offsets = await patiently(() => admin.fetchTopicOffsets(topic));
  return offsets.reduce((sum, { offset }) => sum + Number(offset), 0);
}

async function readEvents(kafka: Kafka, admin: Admin, topic: string): Promise<readonly GraphEvent[]> {
  const total = await endOffset(admin, topic);
  const events: GraphEvent[] = [];
  if (total === 0) return events;
  const consumer = kafka.consumer({ groupId: `read-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      async eachMessage({ message }) {
        events.push(JSON.parse(String(message.value)) as GraphEvent);
        if (events.length === total) resolve();
      },
    });
  });
  await consumer.disconnect();
  return events;
}
