// The Kafka half of the composition root, apart from main.ts so that commands without Kafka do not load its client.
import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { checkBrokers } from './consumers/kafka/check-brokers.ts';
import { createKafka, type KafkaSettings } from './consumers/kafka/client.ts';
import { createConsumerGauges } from './consumers/kafka/consumer-gauges.ts';
import { deadLetterTopic, KafkaDeadLetters } from './consumers/kafka/kafka-dead-letters.ts';
import { createKafkaEventPublisher } from './consumers/kafka/kafka-event-publisher.ts';
import { KafkaExtractionSink } from './consumers/kafka/kafka-extraction-sink.ts';
import { KafkaProducer } from './consumers/kafka/kafka-producer.ts';
import { KafkaRecordSink } from './consumers/kafka/kafka-record-sink.ts';
import { KafkaRecordSource } from './consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from './consumers/kafka/kafkajs-group-consumer.ts';
import { createTopics, type TopicReport } from './consumers/kafka/topics.ts';
import { GrapevineError, messageOf } from './errors.ts';
import type { PublishEvents } from './graph/graph-store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Everything that reads and writes Kafka in one process; the producer is shared. */
export interface KafkaParts extends AsyncDisposable {
  /** A member of the group PREFIX-STAGE on the stage's topic. */
  openSource(stage: 'extract' | 'upsert'): KafkaRecordSource;
  openDeadLetters(stage: 'source' | 'extract' | 'upsert'): KafkaDeadLetters;
  /** Where live sources send what they read. */
  readonly posts: KafkaRecordSink;
  readonly extractions: KafkaExtractionSink;
  readonly publishEvents: PublishEvents;
}

/** Connects to Kafka. @throws {KAFKA_UNREACHABLE} and, where topics are missing, {KAFKA_FAILED} */
export async function connectKafka(config: Config, telemetry: Telemetry): Promise<KafkaParts> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry.logger);
  const { KAFKA_TOPIC_POSTS: posts, KAFKA_TOPIC_EXTRACTIONS: extractions, KAFKA_TOPIC_EVENTS: events } = config;
  const topics = { source: posts, extract: posts, upsert: extractions };
  const letters = [deadLetterTopic(posts), deadLetterTopic(extractions)];
  await checkBrokers({ kafka, settings, topics: [posts, extractions, events, ...letters] });
  const producer = new KafkaProducer({
    kafka,
    telemetry,
    ackTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    retryMs: config.KAFKA_RETRY_MS,
  });
  const gauges = createConsumerGauges(telemetry.registry);
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
        gauges,
        commitIntervalMs: config.KAFKA_COMMIT_INTERVAL_MS,
      }),
    openDeadLetters: (stage) => new KafkaDeadLetters({ producer, topic: topics[stage] }),
    posts: new KafkaRecordSink({ producer, topic: posts }),
    extractions: new KafkaExtractionSink({ producer, topic: extractions }),
    publishEvents: createKafkaEventPublisher({ producer, topic: events }),
    [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
  };
}

/** Makes the topics that are missing. */
export async function createMissingTopics(config: Config, telemetry: Telemetry): Promise<readonly TopicReport[]> {
  const settings = kafkaSettings(config);
  const kafka = createKafka(settings, telemetry.logger);
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
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return {
    brokers,
    clientId: config.KAFKA_CLIENT_ID,
    ...(config.KAFKA_SSL && { tls: config.KAFKA_SSL_CA_FILE ? { ca: readPem(config.KAFKA_SSL_CA_FILE) } : {} }),
    ...(mechanism && { login: { mechanism, username, password } }),
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

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GrapevineError('CONFIG_INVALID', `reading KAFKA_SSL_CA_FILE: ${messageOf(error)}`, { cause: error });
  }
}
