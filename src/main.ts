import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApi } from './api/server.ts';
import type { Config } from './config.ts';
import { HealthServer } from './consumers/http/health-server.ts';
import { FileImageLoader } from './consumers/images/file-image-loader.ts';
import type { ImageLoader } from './consumers/images/image-loader.ts';
import { checkBrokers } from './consumers/kafka/check-brokers.ts';
import { createKafka, type KafkaSettings } from './consumers/kafka/client.ts';
import { KafkaDeadLetters } from './consumers/kafka/kafka-dead-letters.ts';
import { createKafkaEventPublisher } from './consumers/kafka/kafka-event-publisher.ts';
import { KafkaExtractionSink } from './consumers/kafka/kafka-extraction-sink.ts';
import { KafkaProducer } from './consumers/kafka/kafka-producer.ts';
import { KafkaRecordSource } from './consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from './consumers/kafka/kafkajs-group-consumer.ts';
import { createTopics, type TopicReport } from './consumers/kafka/topics.ts';
import { Window } from './consumers/runtime/window.ts';
import { GrapevineError, messageOf } from './errors.ts';
import { parseGraphUrl } from './graph/graph-url.ts';
import type { GraphReader } from './graph/graph-reader.ts';
import type { GraphStore, PublishEvents } from './graph/graph-store.ts';
import { neo4jGraph } from './graph/neo4j/neo4j-graph.ts';
import { EventRelay } from './graph/outbox/event-relay.ts';
import { sqliteGraph } from './graph/sqlite/sqlite-graph.ts';
import type { Extractor } from './model/extractor.ts';
import { createHvpnetExtractor } from './model/hvpnet-extractor.ts';
import { createLogger } from './telemetry/logger.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';

/** Both sides of one graph. */
export interface Graph {
  readonly store: GraphStore;
  readonly reader: GraphReader;
}

/** Folder of the bundle that ships with Grapevine. */
const DEFAULT_BUNDLE = fileURLToPath(new URL('../models/default', import.meta.url));

/** Most events moved out of the outbox in one pass. */
const RELAY_LIMIT = 500;

/** Folder of the demo's posts. */
export const DEMO_FOLDER = fileURLToPath(new URL('../examples/demo', import.meta.url));

/** Logs and metrics of this process. */
export function openTelemetry(config: Config): Telemetry {
  return createTelemetry(createLogger(config.LOG_LEVEL));
}

/** Opens the graph the settings name. Both sides are closed by `close`. */
export async function openGraph(config: Config): Promise<Graph & AsyncDisposable> {
  const target = parseGraphUrl(config.GRAPH_URL);
  const graph =
    target.kind === 'sqlite'
      ? await sqliteGraph({ path: target.path })
      : await neo4jGraph({
          url: target.url,
          username: config.NEO4J_USERNAME,
          password: config.NEO4J_PASSWORD,
          database: config.NEO4J_DATABASE,
          transactionRetryMs: config.NEO4J_RETRY_MS,
        });
  return {
    ...graph,
    async [Symbol.asyncDispose]() {
      await graph.store[Symbol.asyncDispose]();
      await graph.reader[Symbol.asyncDispose]();
    },
  };
}

/** Starts the model. */
export function openExtractor(config: Config, telemetry: Telemetry): Promise<Extractor> {
  return createHvpnetExtractor({
    bundleDir: config.BUNDLE_DIR === '' ? DEFAULT_BUNDLE : config.BUNDLE_DIR,
    workers: config.MODEL_WORKERS,
    tokenBudget: config.BATCH_TOKENS,
    imageCacheEntries: config.IMAGE_CACHE_ENTRIES,
    device: config.DEVICE,
    telemetry,
  });
}

/** Reads pictures below the image root of the settings, or below `fallbackRoot` where they name none. */
export function openImages(config: Config, fallbackRoot?: string): ImageLoader {
  return new FileImageLoader({ root: config.IMAGE_ROOT ?? fallbackRoot, maxBytes: config.IMAGE_MAX_BYTES });
}

/** The bound over everything in flight in one consumer. */
export function openWindow(config: Config): Window {
  return new Window({ records: config.WINDOW_RECORDS, bytes: config.WINDOW_BYTES });
}

/** Serves health and metrics of a consumer. */
export function openHealth(
  config: Config,
  port: number,
  telemetry: Telemetry,
  notReady: () => string | undefined,
): Promise<HealthServer> {
  return HealthServer.start({ host: config.HOST, port, registry: telemetry.registry, notReady });
}

/** Moves events out of the outbox while it is open; disposing it drains once more. */
export function openRelay(
  store: GraphStore,
  config: Config,
  telemetry: Telemetry,
  publish: PublishEvents = async () => {},
): EventRelay {
  return new EventRelay({
    store,
    holder: randomUUID(),
    intervalMs: config.RELAY_INTERVAL_MS,
    leaseMs: config.RELAY_LEASE_MS,
    limit: RELAY_LIMIT,
    publish,
    telemetry,
  });
}

/** Starts the GraphQL API on the graph. */
export async function openApi(
  reader: GraphReader,
  config: Config,
  telemetry: Telemetry,
): Promise<AsyncDisposable & { readonly url: string }> {
  const { HOST: host, PORT: port, EVENT_POLL_MS: pollMs } = config;
  const api = await startApi({ reader, host, port, pollMs, telemetry });
  return { url: api.url, [Symbol.asyncDispose]: () => api.close() };
}

/** Everything that reads and writes Kafka in one process; the producer is shared. */
export interface KafkaParts extends AsyncDisposable {
  /** A member of the group PREFIX-STAGE on the stage's topic. */
  openSource(stage: 'extract' | 'upsert'): KafkaRecordSource;
  openDeadLetters(stage: 'extract' | 'upsert'): KafkaDeadLetters;
  readonly extractions: KafkaExtractionSink;
  readonly publishEvents: PublishEvents;
}

/** Connects to Kafka. @throws {KAFKA_UNREACHABLE} and, where topics are missing, {KAFKA_FAILED} */
export async function openKafka(config: Config, telemetry: Telemetry): Promise<KafkaParts> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry.logger);
  const { KAFKA_TOPIC_POSTS: posts, KAFKA_TOPIC_EXTRACTIONS: extractions, KAFKA_TOPIC_EVENTS: events } = config;
  const topics = { extract: posts, upsert: extractions };
  await checkBrokers({ kafka, settings, topics: [posts, extractions, events] });
  const producer = new KafkaProducer({
    kafka,
    telemetry,
    ackTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    retryMs: config.KAFKA_RETRY_MS,
  });
  return {
    openSource: (stage) =>
      new KafkaRecordSource({
        topic: topics[stage],
        consumer: new KafkajsGroupConsumer({
          // Members that share a client would share the record of their offsets.
          kafka: createKafka(settings, telemetry.logger),
          settings,
          topic: topics[stage],
          groupId: `${config.KAFKA_GROUP_PREFIX}-${stage}`,
          logger: telemetry.logger,
        }),
        telemetry,
        commitIntervalMs: config.KAFKA_COMMIT_INTERVAL_MS,
      }),
    openDeadLetters: (stage) => new KafkaDeadLetters({ producer, topic: topics[stage] }),
    extractions: new KafkaExtractionSink({ producer, topic: extractions }),
    publishEvents: createKafkaEventPublisher({ producer, topic: events }),
    [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
  };
}

/** Makes the topics that are missing. */
export async function makeTopics(config: Config, telemetry: Telemetry): Promise<readonly TopicReport[]> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry.logger);
  await checkBrokers({ kafka, settings, topics: [] });
  const names = {
    posts: config.KAFKA_TOPIC_POSTS,
    extractions: config.KAFKA_TOPIC_EXTRACTIONS,
    events: config.KAFKA_TOPIC_EVENTS,
  };
  return createTopics(kafka, { names, partitions: config.KAFKA_PARTITIONS, replicationFactor: config.KAFKA_REPLICATION });
}

function kafkaSettings(config: Config): KafkaSettings {
  const brokers = (config.KAFKA_BROKERS ?? '').split(',').filter((broker) => broker.trim() !== '');
  if (brokers.length === 0) {
    throw new GrapevineError('CONFIG_INVALID', 'connecting to Kafka: KAFKA_BROKERS is not set; expected HOST:PORT, several separated by commas');
  }
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return {
    brokers: brokers.map((broker) => broker.trim()),
    clientId: config.KAFKA_CLIENT_ID,
    ...(config.KAFKA_SSL && { tls: config.KAFKA_SSL_CA_FILE ? { ca: readPem(config.KAFKA_SSL_CA_FILE) } : {} }),
    ...(mechanism && { login: { mechanism, username, password } }),
    sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    heartbeatMs: config.KAFKA_HEARTBEAT_MS,
    retryMs: config.KAFKA_RETRY_MS,
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GrapevineError('CONFIG_INVALID', `reading KAFKA_SSL_CA_FILE: ${messageOf(error)}`, { cause: error });
  }
}
