import { once } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { KafkaSettings } from './client.ts';
import type { CommitOutcome, CommittedOffset, FetchedBatch, GroupConsumer, GroupListener } from './group-consumer.ts';
import { brokerErrorOf, isNamed, kafkaError } from './kafka-errors.ts';

/** What a member of a consumer group is made from. */
export interface KafkajsGroupConsumerOptions {
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly topic: string;
  readonly groupId: string;
  readonly logger: Logger;
  /** How soon new partitions of the topic are found, milliseconds. @default 60_000 */
  readonly metadataAgeMs?: number;
}

const FENCED = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
/** A paused member sleeps this long between heartbeats, so it also bounds how late it resumes. */
const LONGEST_WAIT_MS = 500;
const METADATA_AGE_MS = 60_000;
const FETCH_BYTES = 4 << 20;
const PARTITION_FETCH_BYTES = 1 << 20;
const CLOSE_MS = 5_000;
/** So often in a row, with no batch taken in between, the client may break before the member is given up. */
const BREAKDOWNS = 5;

/** A member of a consumer group on kafkajs; the only place that touches its consumer. */
export class KafkajsGroupConsumer implements GroupConsumer {
  readonly #options: KafkajsGroupConsumerOptions;
  readonly #consumer: Consumer;
  readonly #joins = new EventTarget();
  #joined = false;
  #memberId: string | undefined;
  #started = false;
  #ended = false;
  #closed = false;
  #breakdowns = 0;
  // Commits under the generation it was called in. `consumer.commitOffsets` tries again by itself, also after a rejoin,
  // and the broker would take the old offsets of a partition that belongs to another member by then.
  #commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;

  constructor(options: KafkajsGroupConsumerOptions) {
    const { kafka, groupId, settings } = options;
    this.#options = options;
    this.#consumer = kafka.consumer({
      groupId,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: settings.sessionTimeoutMs * 2,
      heartbeatInterval: settings.heartbeatMs,
      maxWaitTimeInMs: Math.min(LONGEST_WAIT_MS, settings.heartbeatMs),
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_FETCH_BYTES,
      metadataMaxAge: options.metadataAgeMs ?? METADATA_AGE_MS,
      allowAutoTopicCreation: false,
      retry: { retries: 20, maxRetryTime: settings.retryMs, restartOnFailure: async () => !this.#closed },
    });
  }

  async start(listener: GroupListener): Promise<void> {
    const { topic, settings } = this.#options;
    this.#listen(listener);
    try {
      await this.#consumer.connect();
    } catch (error) {
      const doing = `connecting to Kafka at ${settings.brokers.join(', ')}`;
      throw kafkaError('KAFKA_UNREACHABLE', doing, error, { next: 'is the broker running?' });
    }
    try {
      // The client's own default is to begin at the end, which would pass over what came before the first start.
      await this.#consumer.subscribe({ topics: [topic], fromBeginning: true });
      this.#started = true;
      await this.#run(listener);
    } catch (error) {
      const missing = brokerErrorOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
      const next = missing ? { next: `create topic ${topic} with "grapevine topics create"` } : {};
      throw kafkaError('KAFKA_FAILED', `consuming ${topic}`, error, next);
    }
  }

  pause(): void {
    this.#whileRunning(() => this.#consumer.pause([{ topic: this.#options.topic }]));
  }

  resume(): void {
    this.#whileRunning(() => this.#consumer.resume([{ topic: this.#options.topic }]));
  }

  async commit(offsets: ReadonlyMap<number, CommittedOffset>): Promise<CommitOutcome> {
    if (!this.#commitOnce) return 'away';
    const partitions = [...offsets].map(([partition, { offset, metadata }]) => ({
      partition,
      offset: String(offset),
      metadata,
    }));
    try {
      await this.#commitOnce({ topics: [{ topic: this.#options.topic, partitions }] });
      return 'committed';
    } catch (error) {
      if (FENCED.has(brokerErrorOf(error) ?? '')) return 'fenced';
      throw kafkaError('KAFKA_FAILED', `committing offsets of ${this.#options.topic}`, error, { retryable: true });
    }
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, CommittedOffset>> {
    const { kafka, groupId, topic } = this.#options;
    const admin = kafka.admin();
    try {
      await admin.connect();
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const kept = (found?.partitions ?? []).filter(
        ({ partition, offset }) => partitions.includes(partition) && Number(offset) >= 0,
      );
      return new Map(
        kept.map(({ partition, offset, metadata }) => [
          partition,
          { offset: Number(offset), metadata: metadata ?? '' },
        ]),
      );
    } catch (error) {
      throw kafkaError('KAFKA_FAILED', `reading the offsets of ${groupId}`, error, { retryable: true });
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // kafkajs loses sight of a member that is told to stop in the middle of a join, so the join gets time to end.
    if (this.#started && !this.#joined && !this.#ended) {
      await once(this.#joins, 'joined', { signal: AbortSignal.timeout(CLOSE_MS) }).catch(() => {});
      await turn();
    }
    this.#closed = true;
    const gaveUp = sleep(CLOSE_MS, 'late', { ref: false });
    const ended = await Promise.race([this.#consumer.disconnect().catch((error: unknown) => error), gaveUp]);
    if (ended === undefined) return;
    const reason = ended === 'late' ? `no answer within ${CLOSE_MS} ms` : messageOf(ended);
    this.#options.logger.warn({ topic: this.#options.topic, reason }, 'a consumer could not leave its group in order');
  }

  #run(listener: GroupListener): Promise<void> {
    return this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: (payload) => this.#takeBatch(payload, listener),
    });
  }

  #listen(listener: GroupListener): void {
    const consumer = this.#consumer;
    const { topic } = this.#options;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      // A join that ends after closing: throwing here is what makes kafkajs give the membership up.
      if (this.#closed) throw new GrapevineError('CLOSED', 'the consumer is closed');
      const sameMember = payload.memberId === this.#memberId;
      this.#memberId = payload.memberId;
      this.#joined = true;
      listener.joined(payload.memberAssignment[topic] ?? [], sameMember);
      this.#joins.dispatchEvent(new Event('joined'));
    });
    consumer.on(consumer.events.REBALANCING, () => {
      listener.leaving();
      this.#joined = false;
    });
    // The batch was taken before this event, or holds only records that are for nobody and reaches no handler.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      listener.passed(payload.partition, Number(payload.lastOffset) + 1);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#joined = false;
      this.#commitOnce = undefined;
      listener.leaving();
      if (payload.restart || this.#closed) return;
      // Inside the client a TypeError means that its picture of the group is broken, which only a new start mends.
      if (isNamed(payload.error, 'TypeError') && this.#breakdowns++ < BREAKDOWNS) void this.#startOver(listener);
      else this.#end(listener, payload.error);
    });
  }

  async #startOver(listener: GroupListener): Promise<void> {
    await sleep(this.#options.settings.heartbeatMs);
    if (this.#closed) return;
    await this.#run(listener).catch((error: unknown) => this.#end(listener, error));
  }

  #end(listener: GroupListener, error: unknown): void {
    this.#ended = true;
    listener.failed(kafkaError('KAFKA_FAILED', `consuming ${this.#options.topic}`, error));
  }

  async #takeBatch(payload: EachBatchPayload, listener: GroupListener): Promise<void> {
    this.#commitOnce = payload.commitOffsetsIfNecessary;
    try {
      if (this.#closed) throw new GrapevineError('CLOSED', 'the consumer is closed');
      await listener.fetched(toBatch(payload));
      this.#breakdowns = 0;
    } catch (error) {
      // A batch that is given back is no failure: as an error of kafkajs's own it is fetched again without noise.
      if (error instanceof GrapevineError) throw new kafkajs.KafkaJSError(error.message, { retriable: true });
      throw error;
    }
  }

  /** Between a crash and the restart after it kafkajs has nothing to pause; the next batch will find out. */
  #whileRunning(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.logger.debug({ reason: messageOf(error) }, 'the consumer is not running');
    }
  }
}

function toBatch({ batch, heartbeat }: EachBatchPayload): FetchedBatch {
  return {
    partition: batch.partition,
    nextOffset: Number(batch.lastOffset()) + 1,
    endOffset: Number(batch.highWatermark),
    records: batch.messages.map((message) => ({
      offset: Number(message.offset),
      key: message.key,
      value: message.value,
      headers: message.headers ?? {},
      timestampMs: Number(message.timestamp),
    })),
    heartbeat,
  };
}
