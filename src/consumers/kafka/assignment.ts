import { type Mark, PartitionTracker } from './tracker.ts';

/** How a new assignment differs from the one before it. */
export interface AssignmentChange {
  readonly gained: readonly number[];
  readonly lost: readonly number[];
  readonly kept: readonly number[];
}

/**
 * The trackers of the partitions assigned now.
 *
 * A tracker lives as long as its partition stays assigned. A partition that is lost and comes back gets a new one: what
 * another member did meanwhile is unknown, and results of the old assignment must not move the new one's position.
 */
export class Assignment {
  readonly #trackers = new Map<number, PartitionTracker>();

  /** Partitions assigned now with their trackers. */
  get trackers(): ReadonlyMap<number, PartitionTracker> {
    return this.#trackers;
  }

  /**
   * Takes over the partitions of a join: keeps, drops and makes trackers. `sameMember` is false when the group had lost
   * sight of this member: any partition may have been another's meanwhile, so nothing is kept.
   */
  assign(partitions: readonly number[], sameMember = true): AssignmentChange {
    const before = [...this.#trackers.keys()];
    if (!sameMember) this.#trackers.clear();
    const now = new Set(partitions);
    const lost = before.filter((partition) => !sameMember || !now.has(partition));
    const kept = partitions.filter((partition) => this.#trackers.has(partition));
    const gained = partitions.filter((partition) => !this.#trackers.has(partition));
    for (const partition of lost) this.#trackers.delete(partition);
    for (const tracker of this.#trackers.values()) tracker.stay();
    for (const partition of gained) this.restart(partition);
    return { gained, lost, kept };
  }

  /** Forgets what is known of an assigned partition and starts it anew. */
  restart(partition: number): PartitionTracker {
    const tracker = new PartitionTracker();
    this.#trackers.set(partition, tracker);
    return tracker;
  }

  /** True while the tracker stands for its partition. */
  isCurrent(partition: number, tracker: PartitionTracker): boolean {
    return this.#trackers.get(partition) === tracker;
  }

  /** What is to be committed of each partition of which anything is news. */
  uncommitted(): ReadonlyMap<number, Mark> {
    const marks = new Map<number, Mark>();
    for (const [partition, { uncommitted }] of this.#trackers) if (uncommitted) marks.set(partition, uncommitted);
    return marks;
  }

  /** The membership ends in order or is in question. */
  leave(): void {
    for (const tracker of this.#trackers.values()) tracker.leave();
  }

  /** True while any record must be taken alone. */
  get careful(): boolean {
    for (const tracker of this.#trackers.values()) if (tracker.careful) return true;
    return false;
  }

  /** Unfinished offsets of all assigned partitions. */
  get pending(): number {
    let pending = 0;
    for (const tracker of this.#trackers.values()) pending += tracker.pending;
    return pending;
  }
}
