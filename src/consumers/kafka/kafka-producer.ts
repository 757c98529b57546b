import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { Circuit } from '../runtime/circuit.ts';
import { type BatchResult, MicroBatch } from '../runtime/micro-batch.ts';
import { withRetry } from '../runtime/retry.ts';
import { brokerErrorOf, isNamed, kafkaError } from './kafka-errors.ts';
import { type OutgoingRecord, sizeOf, toTopicMessages } from './outgoing-record.ts';

/** What the producer works with. */
export interface KafkaProducerOptions {
  readonly kafka: Kafka;
  readonly telemetry: Telemetry;
  /** Longest wait for all replicas of a partition, milliseconds. */
  readonly ackTimeoutMs: number;
  /** Longest pause between tries of a batch, milliseconds. */
  readonly retryMs: number;
}

interface Weighed {
  readonly record: OutgoingRecord;
  readonly bytes: number;
}

const BATCH_RECORDS = 500;
// A topic's limit of one record is also the broker's limit of one batch: well below it, splitting stays rare.
const BATCH_BYTES = 512 << 10;
/** A broker hangs up on requests above 100 MB, which looks like an outage and would be tried again for ever. */
const RECORD_BYTES = 64 << 20;
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const REFUSED = new Set(['INVALID_RECORD', 'INVALID_TIMESTAMP']);
const CLOSE_MS = 5_000;

/**
 * Sends records in the order of the calls, in small batches, one request at a time.
 *
 * A send resolves when all in-sync replicas have the record. Whatever a later try may mend is tried again until the
 * producer is closed; a record may be in the log twice then. Not idempotent on purpose: that mode of the client can end
 * in a producer that refuses everything, and every reader here bears repetition.
 */
export class KafkaProducer implements AsyncDisposable {
  /** Open while the brokers take nothing. */
  readonly circuit: Circuit;
  readonly #options: KafkaProducerOptions;
  readonly #producer: Producer;
  readonly #batch: MicroBatch<Weighed, void>;
  readonly #closing = new AbortController();
  #connected = false;

  constructor(options: KafkaProducerOptions) {
    this.#options = options;
    const { events } = options.telemetry;
    this.circuit = new Circuit('kafka', (open) => events.circuitChanged({ dependency: 'kafka', open }));
    this.#producer = options.kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      metadataMaxAge: 60_000,
      retry: { retries: 2 },
    });
    this.#batch = new MicroBatch({ maxItems: BATCH_RECORDS, flush: (items) => this.#flush(items) });
  }

  /**
   * Resolves when the record is acknowledged. Rejects with RECORD_TOO_LARGE or KAFKA_FAILED when the broker refuses this
   * record for good, with CLOSED when the producer was closed before it was sent.
   */
  send(record: OutgoingRecord): Promise<void> {
    const bytes = sizeOf(record);
    if (bytes > RECORD_BYTES) return Promise.reject(tooLarge(record.topic, bytes));
    return this.#batch.add({ record, bytes });
  }

  /** Ends the trying, rejects what is not sent, and disconnects. Await the sends first to lose none. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const late = sleep(CLOSE_MS, undefined, { ref: false });
    await Promise.race([this.#batch.drained(), late]);
    await Promise.race([this.#disconnect(), late]);
  }

  async #flush(items: readonly Weighed[]): Promise<readonly BatchResult<void>[]> {
    const results: BatchResult<void>[] = [];
    for (const part of splitByBytes(items)) results.push(...(await this.#sendPart(part)));
    return results;
  }

  async #sendPart(items: readonly Weighed[]): Promise<readonly BatchResult<void>[]> {
    try {
      await withRetry(() => this.#attempt(items), {
        circuit: this.circuit,
        events: this.#options.telemetry.events,
        signal: this.#closing.signal,
        maxMs: this.#options.retryMs,
      });
      return items.map(() => ({ value: undefined }));
    } catch (error) {
      if (this.#closing.signal.aborted) return items.map(() => ({ error: closed(error) }));
      if (items.length === 1) return [{ error }];
      // The broker names no record: halving, first half first, finds the one at fault and keeps the order.
      const middle = items.length >> 1;
      const first = await this.#sendPart(items.slice(0, middle));
      return [...first, ...(await this.#sendPart(items.slice(middle)))];
    }
  }

  async #attempt(items: readonly Weighed[]): Promise<void> {
    if (this.#closing.signal.aborted) throw closed();
    try {
      if (!this.#connected) await this.#producer.connect();
      this.#connected = true;
      const topicMessages = toTopicMessages(items.map((item) => item.record));
      await this.#producer.sendBatch({ acks: -1, timeout: this.#options.ackTimeoutMs, topicMessages });
    } catch (error) {
      // Inside the client a TypeError means that its picture of the brokers is broken, which only a new start mends.
      if (isNamed(error, 'TypeError')) await this.#disconnect();
      throw this.#classify(error, items);
    }
  }

  async #disconnect(): Promise<void> {
    this.#connected = false;
    await this.#producer.disconnect().catch((error: unknown) => {
      this.#options.telemetry.logger.warn({ reason: messageOf(error) }, 'the producer could not disconnect in order');
    });
  }

  #classify(error: unknown, items: readonly Weighed[]): GrapevineError {
    const type = brokerErrorOf(error) ?? '';
    const [first] = items;
    if (TOO_LARGE.has(type) && first) return tooLarge(first.record.topic, first.bytes);
    const doing = `sending to ${[...new Set(items.map((item) => item.record.topic))].join(', ')}`;
    if (REFUSED.has(type)) return kafkaError('KAFKA_FAILED', doing, error);
    return kafkaError('KAFKA_FAILED', doing, error, { retryable: true });
  }
}

function closed(cause?: unknown): GrapevineError {
  return new GrapevineError('CLOSED', 'sending to Kafka: the producer was closed first', { cause });
}

function tooLarge(topic: string, bytes: number): GrapevineError {
  const message = `sending a record of ${bytes} bytes to ${topic}: it is larger than the topic takes; raise the topic's max.message.bytes`;
  return new GrapevineError('RECORD_TOO_LARGE', message);
}

function* splitByBytes(items: readonly Weighed[]): Generator<readonly Weighed[]> {
  let start = 0;
  let bytes = 0;
  for (const [i, item] of items.entries()) {
    if (i > start && bytes + item.bytes > BATCH_BYTES) {
      yield items.slice(start, i);
      start = i;
      bytes = 0;
    }
    bytes += item.bytes;
  }
  yield items.slice(start);
}
