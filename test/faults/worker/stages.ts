import { randomUUID } from 'node:crypto';
import { runExtract } from '../../../src/consumers/extract.ts';
import { decodeNativePost } from '../../../src/consumers/formats/native.ts';
import { GraphExtractionSink } from '../../../src/consumers/graph-extraction-sink.ts';
import { FileImageLoader } from '../../../src/consumers/images/file-image-loader.ts';
import { createKafka, type KafkaSettings } from '../../../src/consumers/kafka/client.ts';
import { createConsumerGauges } from '../../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaDeadLetters } from '../../../src/consumers/kafka/kafka-dead-letters.ts';
import { createKafkaEventPublisher } from '../../../src/consumers/kafka/kafka-event-publisher.ts';
import { KafkaExtractionSink } from '../../../src/consumers/kafka/kafka-extraction-sink.ts';
import { KafkaProducer } from '../../../src/consumers/kafka/kafka-producer.ts';
import { KafkaRecordSource } from '../../../src/consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from '../../../src/consumers/kafka/kafkajs-group-consumer.ts';
import type { RecordSource } from '../../../src/consumers/record-source.ts';
import { Circuit } from '../../../src/consumers/runtime/circuit.ts';
import { Window } from '../../../src/consumers/runtime/window.ts';
import { runUpsert } from '../../../src/consumers/upsert.ts';
import { neo4jGraph } from '../../../src/graph/neo4j/neo4j-graph.ts';
import type { OpenGraph } from '../../../src/graph/open-graph.ts';
import { EventRelay } from '../../../src/graph/outbox/event-relay.ts';
import { sqliteGraph } from '../../../src/graph/sqlite/sqlite-graph.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry, type Telemetry } from '../../../src/telemetry/telemetry.ts';
import { Slots } from '../../../src/threads/slots.ts';
import { factsExtractor } from '../facts-extractor.ts';
import { type StageName, TraceWriter } from '../trace.ts';
import type { FailPoints } from './fail-points.ts';
import type { GraphPlace, Orders } from './orders.ts';
import { watchExtractor, watchImages, watchPublishing, watchStore, watchTelemetry } from './watched-effects.ts';
import { type Watch, watchLetters, watchMember, watchSink, watchSource } from './watched-source.ts';

const COMMIT_INTERVAL_MS = 100;
const UPSERT_BATCH = 12;
const RELAY = { intervalMs: 100, leaseMs: 2_000, limit: 500 };

/** What the stages of one process share. */
export class Stages implements AsyncDisposable {
  readonly #orders: Orders;
  readonly #points: FailPoints;
  readonly #trace: TraceWriter;
  readonly #telemetry: Telemetry;
  readonly #settings: KafkaSettings;
  readonly #producer: KafkaProducer;
  readonly #abandon: AbortSignal;
  readonly #alone = new Slots(1);

  constructor(orders: Orders, points: FailPoints, abandon: AbortSignal) {
    this.#orders = orders;
    this.#points = points;
    this.#abandon = abandon;
    this.#trace = new TraceWriter(orders.trace, orders.who);
    this.#telemetry = watchTelemetry(createTelemetry(createLogger('info')), this.#trace);
    this.#settings = {
      brokers: orders.brokers,
      clientId: orders.who,
      sessionTimeoutMs: orders.sessionMs,
      heartbeatMs: Math.round(orders.sessionMs / 6),
      retryMs: 1_000,
    };
    const kafka = createKafka(this.#settings, this.#telemetry);
    const { sessionMs: ackTimeoutMs } = orders;
    this.#producer = new KafkaProducer({ kafka, telemetry: this.#telemetry, ackTimeoutMs, retryMs: 1_000 });
  }

  /** Posts to extractions, until the source is stopped. */
  async extract(onSource: (source: RecordSource) => void): Promise<void> {
    const { topics, imageRoot } = this.#orders;
    const watch = this.#watch('extract');
    await using extractor = watchExtractor(factsExtractor({ patient: true }), this.#points);
    const window = this.#window();
    await using source = this.#source(topics.posts, watch, window);
    onSource(source);
    const producer = this.#producer;
    await runExtract({
      source,
      decode: decodeNativePost,
      images: watchImages(new FileImageLoader({ root: imageRoot }), this.#points),
      extractor,
      sink: watchSink(new KafkaExtractionSink({ producer, topic: topics.extractions }), watch),
      deadLetters: watchLetters(new KafkaDeadLetters({ producer, topic: topics.posts }), watch),
      window,
      telemetry: this.#telemetry,
      circuits: [producer.circuit],
      abandon: this.#abandon,
      maxImages: 4,
      skipUnsupportedLanguages: true,
    });
  }

  /** Extractions to the graph, until the source is stopped. */
  async upsert(onSource: (source: RecordSource) => void): Promise<void> {
    const { topics, graph: place } = this.#orders;
    const watch = this.#watch('upsert');
    const graph = await openGraph(place);
    await using _reader = graph.reader;
    await using store = watchStore(graph.store, this.#points, this.#trace);
    const producer = this.#producer;
    const publish = watchPublishing(createKafkaEventPublisher({ producer, topic: topics.events }), this.#points);
    const telemetry = this.#telemetry;
    await using relay = new EventRelay({ store, holder: randomUUID(), ...RELAY, publish, telemetry });
    const circuit = new Circuit('graph');
    const options = { store, batchSize: UPSERT_BATCH, telemetry, circuit, signal: this.#abandon };
    const sink = new GraphExtractionSink({ ...options, onCommit: () => relay.nudge() });
    await using watchedSink = watchSink(sink, watch);
    const window = this.#window();
    await using source = this.#source(topics.extractions, watch, window);
    onSource(source);
    await runUpsert({
      source,
      sink: watchedSink,
      deadLetters: watchLetters(new KafkaDeadLetters({ producer, topic: topics.extractions }), watch),
      window,
      telemetry,
      circuits: [circuit, producer.circuit],
      abandon: this.#abandon,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#producer[Symbol.asyncDispose]();
  }

  #watch(stage: StageName): Watch {
    return { stage, trace: this.#trace, points: this.#points };
  }

  #window(): Window {
    return new Window({ records: this.#orders.windowRecords, bytes: 8 << 20 });
  }

  #source(topic: string, watch: Watch, window: Window): RecordSource {
    const telemetry = this.#telemetry;
    const kafka = createKafka(this.#settings, telemetry);
    const groupId = `${this.#orders.groupPrefix}-${watch.stage}`;
    const { logger } = telemetry;
    const member = new KafkajsGroupConsumer({ kafka, settings: this.#settings, topic, groupId, logger });
    const source = new KafkaRecordSource({
      topic,
      consumer: watchMember(member, watch),
      telemetry,
      gauges: createConsumerGauges(createTelemetry(logger).registry),
      commitIntervalMs: COMMIT_INTERVAL_MS,
      suspects: this.#orders.windowRecords * 2,
      alone: this.#alone,
    });
    return watchSource(source, watch, window);
  }
}

/** Opens the graph a run writes to. */
export function openGraph(place: GraphPlace): Promise<OpenGraph> {
  if (place.kind === 'sqlite') return sqliteGraph({ path: place.path });
  const { url, username, password } = place;
  return neo4jGraph({ url, username, password, transactionRetryMs: 2_000 });
}
