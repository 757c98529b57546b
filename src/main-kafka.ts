// The Kafka half of the composition root, apart from main.ts so that commands without Kafka do not load its client.
import { readFileSync } from 'node:fs';
import type { Kafka } from 'kafkajs';
import type { Config } from './config.ts';
import type { Letter, LetterFilter } from './consumers/dead-letters.ts';
import { checkBrokers } from './consumers/kafka/check-brokers.ts';
import { createKafka, type KafkaLogin, type KafkaSettings } from './consumers/kafka/client.ts';
import { createConsumerGauges } from './consumers/kafka/consumer-gauges.ts';
import { deadLetterTopic, KafkaDeadLetters } from './consumers/kafka/kafka-dead-letters.ts';
import { createKafkaEventPublisher } from './consumers/kafka/kafka-event-publisher.ts';
import { KafkaExtractionSink } from './consumers/kafka/kafka-extraction-sink.ts';
import { KafkaProducer } from './consumers/kafka/kafka-producer.ts';
import { KafkaRecordSink } from './consumers/kafka/kafka-record-sink.ts';
import { KafkaRecordSource } from './consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from './consumers/kafka/kafkajs-group-consumer.ts';
import { listLetters, type ReplayOptions, replayLetters } from './consumers/kafka/letters.ts';
import { tokenProvider } from './consumers/kafka/oauth-token.ts';
import type { KafkaTls } from './consumers/kafka/tls.ts';
import { TopicScanSource } from './consumers/kafka/topic-scan-source.ts';
import { createTopics, type TopicReport } from './consumers/kafka/topics.ts';
import type { RecordSource } from './consumers/record-source.ts';
import type { Circuit } from './consumers/runtime/circuit.ts';
import type { RecordSink } from './consumers/source.ts';
import { GrapevineError, messageOf } from './errors.ts';
import type { PublishEvents } from './graph/graph-store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { Slots } from './threads/slots.ts';

/** Everything that reads and writes Kafka in one process; the producer is shared. */
export interface KafkaParts extends AsyncDisposable {
  /** A member of the group PREFIX-STAGE on the stage's topic. */
  openSource(stage: 'extract' | 'upsert' | 'alert'): KafkaRecordSource;
  /** Open while the brokers take nothing. */
  readonly circuit: Circuit;
  openDeadLetters(stage: 'source' | 'extract' | 'upsert' | 'alert'): KafkaDeadLetters;
  /** Where live sources send what they read. */
  readonly posts: KafkaRecordSink;
  readonly extractions: KafkaExtractionSink;
  readonly publishEvents: PublishEvents;
}

/** How many windows of records are suspects after a death: one in flight, and one finished since the last commit. */
const SUSPECT_WINDOWS = 2;

/** Connects to Kafka. @throws {KAFKA_UNREACHABLE} and, where topics are missing, {KAFKA_FAILED} */
export async function connectKafka(config: Config, telemetry: Telemetry): Promise<KafkaParts> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry);
  const { KAFKA_TOPIC_POSTS: posts, KAFKA_TOPIC_EXTRACTIONS: extractions, KAFKA_TOPIC_EVENTS: events } = config;
  const topics = { source: posts, extract: posts, upsert: extractions, alert: events };
  const letters = [deadLetterTopic(posts), deadLetterTopic(extractions)];
  await checkBrokers({ kafka, settings, topics: [posts, extractions, events, ...letters] });
  const producer = producerOf(kafka, config, telemetry);
  const gauges = createConsumerGauges(telemetry.registry);
  // A record that is alone is so among all stages of the process.
  const alone = new Slots(1);
  return {
    openSource: (stage) =>
      new KafkaRecordSource({
        topic: topics[stage],
        consumer: new KafkajsGroupConsumer({
          // Members that share a client would share the record of their offsets.
          kafka: createKafka(settings, telemetry),
          settings,
          topic: topics[stage],
          groupId: `${config.KAFKA_GROUP_PREFIX}-${stage}`,
          logger: telemetry.logger,
        }),
        telemetry,
        gauges,
        commitIntervalMs: config.KAFKA_COMMIT_INTERVAL_MS,
        suspects: (stage === 'upsert' ? config.UPSERT_WINDOW_RECORDS : config.WINDOW_RECORDS) * SUSPECT_WINDOWS,
        alone,
      }),
    openDeadLetters: (stage) => new KafkaDeadLetters({ producer, topic: topics[stage] }),
    circuit: producer.circuit,
    posts: new KafkaRecordSink({ producer, topic: posts }),
    extractions: new KafkaExtractionSink({ producer, topic: extractions }),
    publishEvents: createKafkaEventPublisher({ producer, topic: events }),
    [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
  };
}

/** The dead letters of both stages. */
export interface DeadLetterOffice {
  list(filter: LetterFilter, signal: AbortSignal): Promise<readonly Letter[]>;
  /** Sends letters back; gives how many were. */
  replay(letters: readonly Letter[], signal: AbortSignal, options: Omit<ReplayOptions, 'producer'>): Promise<number>;
}

/** Finds the topics of dead letters. @throws {KAFKA_UNREACHABLE} and, where topics are missing, {KAFKA_FAILED} */
export async function openDeadLetterOffice(config: Config, telemetry: Telemetry): Promise<DeadLetterOffice> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry);
  const topics = [deadLetterTopic(config.KAFKA_TOPIC_POSTS), deadLetterTopic(config.KAFKA_TOPIC_EXTRACTIONS)];
  await checkBrokers({ kafka, settings, topics });
  const scan = (signal: AbortSignal) => ({ kafka, signal, groupPrefix: `${config.KAFKA_GROUP_PREFIX}-dead-letters` });
  return {
    list: (filter, signal) => listLetters(topics, scan(signal), filter),
    replay: async (letters, signal, options) => {
      await using producer = producerOf(kafka, config, telemetry);
      return await replayLetters(letters, scan(signal), { ...options, producer });
    },
  };
}

/** Opens a reading of all extractions that the topic holds. @throws {KAFKA_UNREACHABLE} and, where it is missing, {KAFKA_FAILED} */
export async function openExtractionScan(config: Config, telemetry: Telemetry): Promise<RecordSource> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry);
  const topic = config.KAFKA_TOPIC_EXTRACTIONS;
  await checkBrokers({ kafka, settings, topics: [topic] });
  return new TopicScanSource(topic, { kafka, groupPrefix: `${config.KAFKA_GROUP_PREFIX}-rebuild` });
}

/** Opens a topic for writing records, each with a key. @throws {KAFKA_UNREACHABLE} and, where it is missing, {KAFKA_FAILED} */
export async function openRecordLog(config: Config, telemetry: Telemetry, topic: string): Promise<RecordSink> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry);
  await checkBrokers({ kafka, settings, topics: [topic] });
  const producer = producerOf(kafka, config, telemetry);
  const sink = new KafkaRecordSink({ producer, topic });
  return {
    write: (record) => sink.write(record),
    [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
  };
}

function producerOf(kafka: Kafka, config: Config, telemetry: Telemetry): KafkaProducer {
  const { KAFKA_SESSION_TIMEOUT_MS: ackTimeoutMs, KAFKA_RETRY_MS: retryMs } = config;
  return new KafkaProducer({ kafka, telemetry, ackTimeoutMs, retryMs });
}

/** Makes the topics that are missing. */
export async function createMissingTopics(config: Config, telemetry: Telemetry): Promise<readonly TopicReport[]> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry);
  await checkBrokers({ kafka, settings, topics: [] });
  const names = {
    posts: config.KAFKA_TOPIC_POSTS,
    extractions: config.KAFKA_TOPIC_EXTRACTIONS,
    events: config.KAFKA_TOPIC_EVENTS,
  };
  return createTopics(kafka, {
    names,
    partitions: config.KAFKA_PARTITIONS,
    replicationFactor: config.KAFKA_REPLICATION,
  });
}

function kafkaSettings(config: Config): KafkaSettings {
  const brokers = (config.KAFKA_BROKERS ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  if (brokers.length === 0) {
    throw new GrapevineError(
      'CONFIG_INVALID',
      'connecting to Kafka: KAFKA_BROKERS is not set; expected HOST:PORT, several separated by commas',
    );
  }
  const bad = brokers.find((broker) => !isHostAndPort(broker));
  if (bad !== undefined) {
    const message = `connecting to Kafka: KAFKA_BROKERS holds "${bad}"; expected HOST:PORT, several separated by commas`;
    throw new GrapevineError('CONFIG_INVALID', message);
  }
  return {
    brokers,
    clientId: config.KAFKA_CLIENT_ID,
    ...(config.KAFKA_SSL && { tls: tlsOf(config) }),
    ...(config.KAFKA_SASL_MECHANISM && { login: loginOf(config, config.KAFKA_SASL_MECHANISM) }),
    sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    heartbeatMs: config.KAFKA_HEARTBEAT_MS,
    retryMs: config.KAFKA_RETRY_MS,
  };
}

/** The client takes what stands before the first colon for the host, so there are no IPv6 addresses. */
function isHostAndPort(broker: string): boolean {
  const [, port] = /^[^\s:/@]+:(\d{1,5})$/.exec(broker) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function tlsOf(config: Config): KafkaTls {
  const { KAFKA_SSL_CA_FILE: ca, KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: key } = config;
  return {
    ...(ca && { ca: readPem('KAFKA_SSL_CA_FILE', ca) }),
    ...(cert && { cert: readPem('KAFKA_SSL_CERT_FILE', cert) }),
    ...(key && { key: readPem('KAFKA_SSL_KEY_FILE', key) }),
  };
}

function loginOf(config: Config, mechanism: KafkaLogin['mechanism']): KafkaLogin {
  if (mechanism !== 'oauthbearer') {
    return { mechanism, username: config.KAFKA_SASL_USERNAME, password: config.KAFKA_SASL_PASSWORD };
  }
  const { KAFKA_SASL_OAUTH_TOKEN_PATH: file, KAFKA_SASL_OAUTH_ENDPOINT: endpoint, KAFKA_SSL_CA_FILE: ca } = config;
  if (file !== undefined) return { mechanism, token: tokenProvider({ file }) };
  const source = {
    endpoint: endpoint ?? '',
    clientId: config.KAFKA_SASL_OAUTH_CLIENT_ID,
    clientSecret: config.KAFKA_SASL_OAUTH_CLIENT_SECRET,
    ...(config.KAFKA_SASL_OAUTH_SCOPE !== '' && { scope: config.KAFKA_SASL_OAUTH_SCOPE }),
    ...(ca && { ca: readPem('KAFKA_SSL_CA_FILE', ca) }),
  };
  return { mechanism, token: tokenProvider(source) };
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GrapevineError('CONFIG_INVALID', `reading ${name}: ${messageOf(error)}`, { cause: error });
  }
}
