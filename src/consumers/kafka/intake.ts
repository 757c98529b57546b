import { setTimeout as sleep } from 'node:timers/promises';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { SourceRecord } from '../record-source.ts';
import { Assignment } from './assignment.ts';
import { judge, splitBegun } from './begun.ts';
import { decodeDone } from './done-set.ts';
import type { CommittedOffset, FetchedBatch, FetchedRecord, GroupConsumer } from './group-consumer.ts';
import { type QueueBounds, RecordQueue, type Sized } from './record-queue.ts';
import type { PartitionTracker } from './tracker.ts';

/** A record that says where in Kafka it stands. */
export interface KafkaRecord extends SourceRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What the intake of a topic works with. */
export interface IntakeOptions {
  readonly topic: string;
  readonly telemetry: Telemetry;
  readonly bounds: QueueBounds;
  /** Called when no more should be fetched for now; repeated calls are harmless. */
  readonly pause: () => void;
  /** What the group keeps of partitions. */
  readonly recall: GroupConsumer['committed'];
  /** Commits what is news; called before the first record of a partition is taken. */
  readonly announce: () => Promise<unknown>;
  /** How many records may have been in flight in a member that died. */
  readonly suspects: number;
}

/** A record that waits for its turn. */
export interface Queued extends Sized {
  readonly record: KafkaRecord;
  readonly tracker: PartitionTracker;
}

/** Memory that a record takes beside its bytes. */
const RECORD_OVERHEAD = 512;
const WAIT_STEP_MS = 100;
const CRASH_LOOP = {
  reason: 'crash_loop',
  message: 'the process died three times in a row, twice while this record was the only one in flight',
};

/** Takes fetched batches in: drops what was delivered before, tracks the rest and queues it. */
export class Intake {
  readonly assignment = new Assignment();
  readonly queue: RecordQueue<Queued>;
  /** One past the last offset of each partition when it was last fetched. */
  readonly endOffsets = new Map<number, number>();
  /** When a record was last finished, or work first came after there was none; the process's clock, milliseconds. */
  progressAt = performance.now();
  readonly #options: IntakeOptions;
  // Trackers that do not know yet what an earlier member finished.
  readonly #recalling = new Map<PartitionTracker, Promise<CommittedOffset | undefined>>();
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.queue = new RecordQueue(options.bounds);
  }

  /** Follows a join of the group: what is queued for lost partitions goes. */
  join(partitions: readonly number[], sameMember: boolean): void {
    const { topic, telemetry } = this.#options;
    const { gained, lost, kept } = this.assignment.assign(partitions, sameMember);
    this.queue.retain(({ record, tracker }) => this.assignment.isCurrent(record.partition, tracker));
    for (const partition of lost) this.endOffsets.delete(partition);
    this.#recall(gained);
    telemetry.events.partitionsAssigned({ topic, gained: gained.length, lost: lost.length, kept: kept.length });
  }

  /** Takes a batch; rejects when it must be fetched again: its partition has gone, or the intake is closed. */
  async take(batch: FetchedBatch): Promise<void> {
    const { topic, telemetry, pause } = this.#options;
    const tracker = await this.#roomFor(batch);
    if (tracker.seenTo === undefined) await this.#begin(tracker, batch);
    this.endOffsets.set(batch.partition, batch.endOffset);
    if (this.assignment.pending === 0) this.progressAt = performance.now();
    let redelivered = 0;
    for (const fetched of batch.records) {
      if (tracker.accept(fetched.offset)) this.queue.push(this.#toQueued(batch.partition, fetched, tracker));
      else redelivered++;
    }
    tracker.passTo(batch.nextOffset);
    if (redelivered > 0) telemetry.events.redeliveryDropped({ topic, count: redelivered });
    if (this.queue.full) pause();
  }

  /** Drops what is queued and gives back every further batch. */
  close(): void {
    this.#closed = true;
    this.queue.close();
  }

  /** Waits for room, alive in the group, and gives the tracker that stands for the batch's partition. */
  async #roomFor(batch: FetchedBatch): Promise<PartitionTracker> {
    const tracker = this.#trackerOf(batch);
    while (this.queue.full || this.#closed) {
      this.#options.pause();
      if (this.#closed) throw new GrapevineError('CLOSED', 'the source was told to stop');
      await sleep(WAIT_STEP_MS);
      await batch.heartbeat();
    }
    // The partition may have gone, or gone and come back, during the wait: the fetch belongs to the old assignment.
    if (!this.assignment.isCurrent(batch.partition, tracker)) throw staleBatch(batch.partition);
    return tracker;
  }

  /** Asks what an earlier member finished of new partitions. Without an answer some work is done twice, and nothing is lost. */
  #recall(partitions: readonly number[]): void {
    if (partitions.length === 0) return;
    const { topic, recall, telemetry } = this.#options;
    const answer = recall(partitions).catch((error: unknown) => {
      telemetry.logger.warn({ topic, reason: messageOf(error) }, 'what was finished before could not be looked up');
      return new Map<number, CommittedOffset>();
    });
    for (const partition of partitions) {
      const tracker = this.assignment.trackers.get(partition);
      if (tracker)
        this.#recalling.set(
          tracker,
          answer.then((kept) => kept.get(partition)),
        );
    }
  }

  /** Begins a partition where its last member left off, and says so before anything of it is delivered. */
  async #begin(tracker: PartitionTracker, batch: FetchedBatch): Promise<void> {
    const kept = await this.#alive(batch, this.#recalling.get(tracker) ?? Promise.resolve(undefined));
    this.#recalling.delete(tracker);
    if (!this.assignment.isCurrent(batch.partition, tracker)) throw staleBatch(batch.partition);
    const first = batch.records[0]?.offset ?? batch.nextOffset;
    const { text, begun } = splitBegun(kept?.metadata ?? '');
    // Reading that begins elsewhere, because the log is another or was cut, has nothing to do with what was left behind.
    const goesOn = kept !== undefined && kept.offset <= first;
    tracker.restore(goesOn ? decodeDone(kept.offset, text) : []);
    tracker.begin(first, judge(first, goesOn ? begun : undefined), this.#options.suspects);
    await this.#alive(batch, this.#options.announce());
    if (!this.assignment.isCurrent(batch.partition, tracker)) throw staleBatch(batch.partition);
  }

  /** Waits for something with heartbeats, so that the membership goes on. */
  async #alive<T>(batch: FetchedBatch, answer: Promise<T>): Promise<T> {
    let known = false;
    const settled = answer.finally(() => (known = true));
    settled.catch(() => {});
    for (;;) {
      await Promise.race([settled.catch(() => {}), sleep(WAIT_STEP_MS)]);
      if (known) return settled;
      await batch.heartbeat();
    }
  }

  #trackerOf({ partition, endOffset }: FetchedBatch): PartitionTracker {
    const tracker = this.assignment.trackers.get(partition);
    if (!tracker) throw staleBatch(partition);
    if (tracker.seenTo === undefined || endOffset >= tracker.seenTo) return tracker;
    // The log ends before what was read from it: it was cut or made anew, and its offsets name other records now.
    const { topic, telemetry } = this.#options;
    telemetry.logger.error({ topic, partition, endOffset, seenTo: tracker.seenTo }, 'a partition was reset');
    this.queue.retain((item) => item.tracker !== tracker);
    return this.assignment.restart(partition);
  }

  #toQueued(partition: number, fetched: FetchedRecord, tracker: PartitionTracker): Queued {
    const { offset, key, value, headers, timestampMs } = fetched;
    const { topic } = this.#options;
    const position = `${topic}/${partition}@${offset}`;
    const done = () => {
      tracker.done(offset);
      this.progressAt = performance.now();
    };
    const isStale = () => !this.assignment.isCurrent(partition, tracker);
    const record = { topic, partition, offset, key, value, headers, timestampMs, position, isStale, done };
    return {
      tracker,
      bytes: (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD,
      record: tracker.isCondemned(offset) ? { ...record, damage: CRASH_LOOP } : record,
    };
  }
}

function staleBatch(partition: number): GrapevineError {
  return new GrapevineError('CLOSED', `partition ${partition} is no longer assigned`, { retryable: true });
}
