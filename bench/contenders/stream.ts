// Grapevine's extract consumer on a real topic, with an extractor that finds nothing and a sink that keeps nothing: decoding,
// order, window and commits. Or the least that a program can do with kafkajs: read every batch, parse every record, commit.

import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import type * as ConfigModule from '../../src/config.ts';
import type * as ExtractModule from '../../src/consumers/extract.ts';
import type * as NativeModule from '../../src/consumers/formats/native.ts';
import type * as MainModule from '../../src/main.ts';
import type { Extractor } from '../../src/model/extractor.ts';
import { built } from '../harness/built.ts';
import type { StreamSlice } from '../harness/slices.ts';
import { serve } from './serve.ts';

/** What is read, and how much of it. */
export interface StreamOptions {
  readonly brokers: string;
  /** Of posts, extractions and events. */
  readonly topics: readonly [posts: string, extractions: string, events: string, ...others: string[]];
  readonly records: number;
}

/** Records before anything is measured: a member that starts fetches and compiles first. */
const WARM_UP = 20_000;
/** Records between two looks at the memory. */
const SAMPLE = 1_000;

/** Counts records and measures from when it is warm to the last. */
class Meter {
  readonly finished: Promise<StreamSlice>;
  readonly #records: number;
  readonly #resident: number[] = [];
  #resolve: (slice: StreamSlice) => void = () => {};
  #counted = 0;
  #cpu = process.cpuUsage();
  #from = performance.now();

  constructor(records: number) {
    this.#records = records;
    this.finished = new Promise((resolve) => (this.#resolve = resolve));
  }

  count(): void {
    if (++this.#counted === WARM_UP) {
      this.#cpu = process.cpuUsage();
      this.#from = performance.now();
    }
    if (this.#counted % SAMPLE === 0) this.#resident.push(process.memoryUsage.rss());
    if (this.#counted !== this.#records) return;
    const { user, system } = process.cpuUsage(this.#cpu);
    const seconds = (performance.now() - this.#from) / 1000;
    const posts = this.#records - WARM_UP;
    this.#resolve({ posts, seconds, cpuSeconds: (user + system) / 1e6, resident: this.#resident });
  }
}

const idle: Extractor = {
  info: { bundle: 'none', generation: 0 },
  languages: [],
  extract: async () => ({ mentions: [], relations: [], images: [] }),
  async [Symbol.asyncDispose]() {},
};

async function ours({ brokers, topics, records }: StreamOptions): Promise<StreamSlice> {
  const [{ loadConfig }, main, { runExtract }, { decodeNativePost }] = await Promise.all([
    built<typeof ConfigModule>('config.ts'),
    built<typeof MainModule>('main.ts'),
    built<typeof ExtractModule>('consumers/extract.ts'),
    built<typeof NativeModule>('consumers/formats/native.ts'),
  ]);
  const [posts, extractions, events] = topics;
  const config = loadConfig({
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_POSTS: posts,
    KAFKA_TOPIC_EXTRACTIONS: extractions,
    KAFKA_TOPIC_EVENTS: events,
    KAFKA_GROUP_PREFIX: `bench-${randomUUID()}`,
  });
  const telemetry = main.openTelemetry(config);
  const abandoning = new AbortController();
  const meter = new Meter(records);
  await using kafka = await main.openKafka(config, telemetry);
  await using source = kafka.openSource('extract');
  const running = runExtract({
    source,
    decode: decodeNativePost,
    images: { load: async () => ({ outcome: 'fetch_disabled' }) },
    extractor: idle,
    sink: { write: async () => meter.count(), async [Symbol.asyncDispose]() {} },
    deadLetters: kafka.openDeadLetters('extract'),
    window: main.openWindow(config),
    telemetry,
    abandon: abandoning.signal,
    maxImages: config.IMAGES_PER_POST,
    skipUnsupportedLanguages: config.SKIP_UNSUPPORTED_LANGUAGES,
  });
  const slice = await Promise.race([meter.finished, running.then(() => Promise.reject(new Error('the run ended')))]);
  source.stop();
  await running;
  return slice;
}

async function bare({ brokers, topics, records }: StreamOptions): Promise<StreamSlice> {
  const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}` });
  const meter = new Meter(records);
  await consumer.connect();
  await consumer.subscribe({ topics: [topics[0]], fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 1_000,
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) if (JSON.parse(String(value))) meter.count();
    },
  });
  const slice = await meter.finished;
  await consumer.disconnect();
  return slice;
}

serve({ ours, bare });
