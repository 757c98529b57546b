import { setTimeout as sleep } from 'node:timers/promises';
import type { GrapevineError } from '../../errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { Slots } from '../../threads/slots.ts';
import type { RecordSource, SourceRecord } from '../record-source.ts';
import type { ConsumerGauges, KafkaSourceHealth } from './consumer-gauges.ts';
import type { GroupConsumer } from './group-consumer.ts';
import { Intake, type Queued } from './intake.ts';
import { OffsetCommitter } from './offset-committer.ts';
import type { QueueBounds } from './record-queue.ts';

/** What a source of a topic's records works with. */
export interface KafkaRecordSourceOptions {
  readonly topic: string;
  readonly consumer: GroupConsumer;
  readonly telemetry: Telemetry;
  /** Show how the source stands until it is disposed of. */
  readonly gauges: ConsumerGauges;
  /** How often moved offsets are committed. @default 1000 */
  readonly commitIntervalMs?: number;
  /** How much may wait between the fetch loop and `accept`. @default 1000 records, 8 MiB */
  readonly queue?: QueueBounds;
  /** How many records `accept` may have in flight at most. @default 300 */
  readonly suspects?: number;
  /** Held by whoever must be alone in the process. @default one of its own */
  readonly alone?: Slots;
}

const QUEUE: QueueBounds = { records: 1000, bytes: 8 << 20 };
const COMMIT_INTERVAL_MS = 1_000;
const LAST_COMMIT_MS = 3_000;
const SUSPECTS = 300;
const CAREFUL_STEP_MS = 5;

/**
 * Records of one Kafka topic, as a member of a consumer group.
 *
 * The fetch loop only fills a queue and a pump delivers from it, so slow work never delays a heartbeat. A full queue
 * pauses the fetching while the membership goes on.
 */
export class KafkaRecordSource implements RecordSource {
  readonly #options: KafkaRecordSourceOptions;
  readonly #intake: Intake;
  readonly #committer: OffsetCommitter;
  readonly #failed = new AbortController();
  readonly #alone: Slots;
  readonly #unwatch: () => void;
  #timer: NodeJS.Timeout | undefined;
  #disposed: Promise<void> | undefined;
  #joined = false;
  #paused = false;
  #pausedAt = 0;
  #pausedMs = 0;
  #stopped = false;

  constructor(options: KafkaRecordSourceOptions) {
    const { topic, consumer, telemetry } = options;
    this.#options = options;
    this.#alone = options.alone ?? new Slots(1);
    this.#intake = new Intake({
      topic,
      telemetry,
      bounds: options.queue ?? QUEUE,
      pause: () => this.#pause(),
      recall: (partitions) => consumer.committed(partitions),
      announce: () => this.#committer.commit(),
      suspects: options.suspects ?? SUSPECTS,
    });
    this.#committer = new OffsetCommitter({ topic, consumer, telemetry, assignment: this.#intake.assignment });
    this.#unwatch = options.gauges.watch(topic, () => this.health);
  }

  /** A snapshot for metrics and readiness. */
  get health(): KafkaSourceHealth {
    const { assignment, queue, endOffsets } = this.#intake;
    const partitions = [...assignment.trackers].map(([partition, tracker]) => {
      const end = endOffsets.get(partition);
      const mark = tracker.lowWater;
      const lag = end === undefined || mark === undefined ? undefined : Math.max(0, end - mark);
      return { partition, pending: tracker.pending, committed: tracker.committed, lag };
    });
    return {
      joined: this.#joined,
      paused: this.#paused,
      pausedSeconds: (this.#pausedMs + (this.#paused ? performance.now() - this.#pausedAt : 0)) / 1000,
      queuedRecords: queue.records,
      queuedBytes: queue.bytes,
      pending: assignment.pending,
      stalledSeconds: assignment.pending === 0 ? 0 : (performance.now() - this.#intake.progressAt) / 1000,
      partitions,
    };
  }

  async run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    const { queue, assignment } = this.#intake;
    const { signal } = this.#failed;
    const failure = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    // Nobody may be waiting when it comes: the pump looks at the signal too.
    failure.catch(() => {});
    await this.#options.consumer.start({
      joined: (partitions, sameMember) => {
        this.#joined = true;
        this.#intake.join(partitions, sameMember);
        this.#resumeIfLow();
      },
      leaving: () => this.#leave(),
      fetched: (batch) => this.#intake.take(batch),
      passed: (partition, nextOffset) => {
        const tracker = assignment.trackers.get(partition);
        // Before the first record it is unknown where this assignment starts, and a late word must not move it.
        if (tracker?.seenTo !== undefined) tracker.passTo(nextOffset);
      },
      failed: (error) => this.#fail(error),
    });
    this.#timer = setInterval(
      () => void this.#committer.commit(),
      this.#options.commitIntervalMs ?? COMMIT_INTERVAL_MS,
    );
    for (let item = await queue.next(); item; item = await queue.next()) {
      const taking = this.#intake.assignment.careful ? this.#takeAlone(item, accept) : accept(item.record);
      await Promise.race([taking, failure]);
      this.#resumeIfLow();
    }
    signal.throwIfAborted();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#intake.close();
    this.#pause();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    this.stop();
    clearInterval(this.#timer);
    this.#intake.assignment.leave();
    await this.#committer.finish(LAST_COMMIT_MS, this.#failed.signal);
    this.#unwatch();
    await this.#options.consumer[Symbol.asyncDispose]();
  }

  /** Takes a record while no other is in flight in the process, and says so first: if it kills, that is known. */
  async #takeAlone({ record, tracker }: Queued, accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    const { assignment } = this.#intake;
    const gone = () => this.#failed.signal.aborted || !assignment.isCurrent(record.partition, tracker);
    // Only this record is accepted beside those that wait in the queue.
    while (!gone() && assignment.pending > this.#intake.queue.records + 1) await sleep(CAREFUL_STEP_MS);
    await this.#alone.enter();
    try {
      if (tracker.careful) tracker.beginAlone(record.offset);
      await this.#committer.commit();
      this.#options.telemetry.events.takenAlone({ topic: record.topic, position: record.position });
      await accept(record);
      while (!gone() && tracker.isPending(record.offset)) await sleep(CAREFUL_STEP_MS);
    } finally {
      this.#alone.leave();
    }
  }

  /** What is done is committed before the join that follows: the less is delivered again after it. */
  #leave(): void {
    this.#intake.assignment.leave();
    if (this.#joined) void this.#committer.commit();
    this.#joined = false;
  }

  #fail(error: GrapevineError): void {
    this.#joined = false;
    this.#failed.abort(error);
    this.#intake.close();
  }

  #pause(): void {
    if (!this.#paused) this.#pausedAt = performance.now();
    this.#paused = true;
    this.#options.consumer.pause();
  }

  #resumeIfLow(): void {
    if (!this.#paused || this.#stopped || !this.#intake.queue.low) return;
    this.#paused = false;
    this.#pausedMs += performance.now() - this.#pausedAt;
    this.#options.consumer.resume();
  }
}
