import type { GrapevineError } from '../../errors.ts';
import type { SourceRecord } from '../record-source.ts';

/** One record as it was fetched. */
export interface FetchedRecord {
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: SourceRecord['headers'];
  readonly timestampMs: number;
}

/** Records of one partition from one fetch, in rising order of their offsets. */
export interface FetchedBatch {
  readonly partition: number;
  readonly records: readonly FetchedRecord[];
  /** Where the next fetch goes on: control records and compacted offsets before it never come. */
  readonly nextOffset: number;
  /** One past the last offset of the partition when the batch was fetched. */
  readonly endOffset: number;
  /** Keeps the membership while the batch waits. Rejects when the group rebalances: give the batch back then. */
  heartbeat(): Promise<void>;
}

/** A position of a partition as the group keeps it. */
export interface CommittedOffset {
  /** The next offset a successor reads. */
  readonly offset: number;
  /** At most 4096 bytes that are kept beside it. */
  readonly metadata: string;
}

/** What a member of a consumer group is told. */
export interface GroupListener {
  /**
   * The group gave this member its partitions; reading starts at what is committed, also where nothing changed.
   * `sameMember` is false on the first join and when the group had taken this member for dead.
   */
  joined(partitions: readonly number[], sameMember: boolean): void;
  /** The membership is in question until the next `joined`. */
  leaving(): void;
  /** A batch to take. Rejecting gives it back: its records are fetched again. */
  fetched(batch: FetchedBatch): Promise<void>;
  /** The log holds nothing for anyone below `nextOffset`. */
  passed(partition: number, nextOffset: number): void;
  /** The member stopped for good. */
  failed(error: GrapevineError): void;
}

/**
 * What became of a commit. `fenced`: the group has moved on, and nothing was committed. `away`: this is no member now, so that
 * nobody was asked.
 */
export type CommitOutcome = 'committed' | 'fenced' | 'away';

/**
 * One member of a consumer group, reading one topic: all that the rest needs to know of a Kafka client.
 *
 * A member that is paused, or whose `fetched` waits with heartbeats, stays in its group. Disposing leaves the group.
 */
export interface GroupConsumer extends AsyncDisposable {
  /** Connects and joins. Rejects with KAFKA_UNREACHABLE or KAFKA_FAILED. */
  start(listener: GroupListener): Promise<void>;
  /** Stops fetching from all partitions, those of later assignments included. */
  pause(): void;
  resume(): void;
  /**
   * Commits offsets by partition under the current generation of the group, in one attempt.
   *
   * Rejects when a later attempt may succeed.
   */
  commit(offsets: ReadonlyMap<number, CommittedOffset>): Promise<CommitOutcome>;
  /** What the group keeps of partitions; those of which it keeps nothing are left out. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, CommittedOffset>>;
}
