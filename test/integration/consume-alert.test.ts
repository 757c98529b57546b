import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { TopicScanSource } from '../../src/consumers/kafka/topic-scan-source.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { connectKafka } from '../../src/main-kafka.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { memberPost } from '../helpers/graph-extractions.ts';
import {
  kafkaBrokers,
  kafkaSettings,
  makeTopicsNamed,
  quietTelemetry,
  randomName,
  withoutKafka,
} from '../helpers/kafka-broker.ts';
import { webhookReceiver } from '../helpers/webhook-receiver.ts';

test.skipIf(withoutKafka)(
  'two processes of consume alert, one of them killed, deliver each alert of the events topic once',
  async () => {
    const [posts, extractions, events] = ['posts', 'extractions', 'events'].map(randomName) as [string, string, string];
    const told = randomName('alerts');
    await makeTopicsNamed(
      [posts, extractions, events, told].flatMap((topic) => [topic, `${topic}.dlt`]),
      2,
    );
    const folder = await temporaryFolder();
    const path = join(folder, 'graph.db');
    await writeFile(join(folder, 'secret'), `whsec_${Buffer.alloc(32, 7).toString('base64')}`);
    await using receiver = await webhookReceiver();
    const rules = `channels:
  ops: {kind: webhook, url: "${receiver.url}", secretFile: ${join(folder, 'secret')}}
  topic: {kind: kafka, topic: ${told}}
rules: [{name: Links, when: fact.created, channels: [ops, topic]}]`;
    await writeFile(join(folder, 'rules.yaml'), rules);
    const env = {
      KAFKA_BROKERS: await kafkaBrokers(),
      KAFKA_TOPIC_POSTS: posts,
      KAFKA_TOPIC_EXTRACTIONS: extractions,
      KAFKA_TOPIC_EVENTS: events,
      KAFKA_GROUP_PREFIX: randomName('g'),
      GRAPH_URL: `sqlite:${path}`,
      ALERT_RULES: join(folder, 'rules.yaml'),
      ALERT_HTTPS_ONLY: 'false',
      ALERT_PRIVATE_NETWORKS: '127.0.0.0/8',
      // What a dead process holds is free again after twice this and ten seconds.
      ALERT_TIMEOUT_MS: '500',
    };
    const { store, reader, alerts } = await sqliteGraph({ path });
    await using kafka = await connectKafka(loadConfig(env, {}), createTelemetry(createLogger('silent')));
    const tell = async (from: number, to: number) => {
      for (let index = from; index < to; index++) {
        const said = { organisation: `Org ${index}`, at: new Date().toISOString() };
        await store.replacePosts([memberPost({ id: `${index}`, author: `${index}`, ...said })]);
      }
      const publish = kafka.publishEvents;
      await store.relayEvents({ holder: 'test', leaseMs: 10_000, limit: 500, publish });
    };
    const first = new RunningCli(['consume', 'alert'], { env });
    await using _second = new RunningCli(['consume', 'alert'], { env });
    await expect.poll(async () => (await alerts.head()).position, { timeout: 120_000 }).toBe(0);
    await tell(0, 20);
    await expect.poll(() => receiver.received.length, { timeout: 120_000 }).toBeGreaterThan(0);
    await first[Symbol.asyncDispose]();
    await tell(20, 40);
    const ids = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    await expect.poll(() => ids().size, { timeout: 120_000 }).toBe(40);
    const delivered = async () => (await alerts.deliveries({ state: 'delivered', limit: 100 })).length;
    await expect.poll(delivered, { timeout: 120_000 }).toBe(80);
    const inTopic = new Map<string, { type: string; data: { rule: string } }>();
    const scan = { kafka: createKafka(await kafkaSettings(), quietTelemetry()), groupPrefix: randomName('g') };
    await using topic = new TopicScanSource(told, scan);
    await topic.run(async ({ key, value }) => {
      const message = JSON.parse(Buffer.from(value ?? []).toString());
      expect(key?.toString()).toBe('Links');
      inTopic.set(message.id, message);
    });
    expect(inTopic.size).toBe(40);
    expect([...inTopic.values()][0]).toMatchObject({ type: 'alert.fired', data: { rule: 'Links' } });
    const log = await runCli(['alerts', 'deliveries', 'list', '--state', 'delivered', '--limit', '100', '--json'], {
      env,
    });
    expect(log.stdout.trim().split('\n')).toHaveLength(80);
    const unknown = await runCli(['alerts', 'deliveries', 'replay', 'msg_x'], { env });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no delivery "msg_x" has ended') });
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  },
  180_000,
);
