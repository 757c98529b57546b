import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type ConsumerGauges, createConsumerGauges } from '../../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaRecordSource } from '../../../src/consumers/kafka/kafka-record-source.ts';
import type { SourceRecord } from '../../../src/consumers/record-source.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { FakeGroupConsumer } from '../../helpers/kafka-fake-consumer.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A running source whose records wait in `accepted`; it asks for no more than `records` in its queue. */
async function startSource(topic: string, gauges: ConsumerGauges, records = 100) {
  const consumer = new FakeGroupConsumer();
  const telemetry = createTelemetry(createLogger('silent'));
  const queue = { records, bytes: 1 << 20 };
  const source = new KafkaRecordSource({ topic, consumer, telemetry, gauges, queue, commitIntervalMs: 3_600_000 });
  const accepted: SourceRecord[] = [];
  const running = source.run((record) => {
    accepted.push(record);
    return new Promise(() => {});
  });
  running.catch(() => {});
  await turn();
  return { consumer, source, accepted };
}

/** Lines of /metrics without comments, sorted. */
async function scrape(registry: Registry): Promise<string[]> {
  return (await registry.metrics())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/((?:paused|stalled)_seconds.*) 0\.0\d*(e-\d+)?$/, '$1 some'))
    .toSorted();
}

describe('the gauges of the consumers', () => {
  it('show nothing without a source and can be listed', async () => {
    const registry = new Registry();
    createConsumerGauges(registry);
    expect(await scrape(registry)).toEqual([]);
    expect(registry.getMetricsAsArray().map(({ name }) => name.replace('grapevine_consumer_', ''))).toEqual(
      expect.arrayContaining(['joined', 'paused', 'queued', 'pending', 'lag']),
    );
  });

  it('show each source as it stands when they are read, until it is disposed of', async () => {
    const registry = new Registry();
    const gauges = createConsumerGauges(registry);
    const posts = await startSource('posts', gauges, 2);
    const others = await startSource('extractions', gauges);
    posts.consumer.listener.joined([0, 3], false);
    await posts.consumer.listener.fetched(posts.consumer.batch(3, 10, 13, 20));
    await turn();
    expect(await scrape(registry)).toEqual([
      'grapevine_consumer_joined{topic="extractions"} 0',
      'grapevine_consumer_joined{topic="posts"} 1',
      'grapevine_consumer_lag{topic="posts",partition="3"} 10',
      'grapevine_consumer_paused_seconds{topic="extractions"} 0',
      'grapevine_consumer_paused_seconds{topic="posts"} some',
      'grapevine_consumer_paused{topic="extractions"} 0',
      'grapevine_consumer_paused{topic="posts"} 1',
      'grapevine_consumer_pending{topic="extractions"} 0',
      'grapevine_consumer_pending{topic="posts"} 4',
      'grapevine_consumer_queued{topic="extractions"} 0',
      'grapevine_consumer_queued{topic="posts"} 3',
      'grapevine_consumer_stalled_seconds{topic="extractions"} 0',
      'grapevine_consumer_stalled_seconds{topic="posts"} some',
    ]);
    posts.accepted[0]?.done();
    expect(await scrape(registry)).toContain('grapevine_consumer_lag{topic="posts",partition="3"} 9');
    posts.consumer.listener.joined([0], true);
    expect((await scrape(registry)).filter((line) => line.includes('lag'))).toEqual([]);
    await posts.source[Symbol.asyncDispose]();
    expect((await scrape(registry)).filter((line) => line.includes('posts'))).toEqual([]);
    await others.source[Symbol.asyncDispose]();
    expect(await scrape(registry)).toEqual([]);
  });

  it('add up two members of one topic', async () => {
    const registry = new Registry();
    const gauges = createConsumerGauges(registry);
    for (const partition of [0, 1]) {
      const { consumer } = await startSource('posts', gauges);
      consumer.listener.joined([partition], false);
      await consumer.listener.fetched(consumer.batch(partition, 0, 2));
    }
    expect(await scrape(registry)).toEqual(
      expect.arrayContaining([
        'grapevine_consumer_joined{topic="posts"} 2',
        'grapevine_consumer_lag{topic="posts",partition="0"} 3',
        'grapevine_consumer_lag{topic="posts",partition="1"} 3',
        'grapevine_consumer_pending{topic="posts"} 6',
      ]),
    );
  });
});
