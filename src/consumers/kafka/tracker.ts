import type { Run } from './done-set.ts';

/**
 * Which offsets of one partition are unfinished, for the time the partition is assigned without a break.
 *
 * Offsets are accepted in rising order, with gaps where the log has control records or was compacted.
 */
export class PartitionTracker {
  // Offsets enter in rising order and a Set keeps that order, so the first one is the lowest.
  readonly #pending = new Set<number>();
  #seenTo: number | undefined;
  #committed: number | undefined;
  // Runs that an earlier member finished, above the committed offset, in rising order.
  #finishedBefore: Run[] = [];
  // How many offsets were finished here, and how many of them the group knows of.
  #finished = 0;
  #finishedCommitted = 0;

  /** Number of accepted offsets that are not done. */
  get pending(): number {
    return this.#pending.size;
  }

  /** The offset after the last one accepted or passed over; undefined before the first. */
  get seenTo(): number | undefined {
    return this.#seenTo;
  }

  /** The offset last committed in this assignment. */
  get committed(): number | undefined {
    return this.#committed;
  }

  /**
   * The next offset a successor must read: the lowest unfinished one, or the one after everything seen.
   *
   * Counting up from the last finished offset instead would stop for ever at the first gap.
   */
  get lowWater(): number | undefined {
    for (const lowest of this.#pending) return lowest;
    return this.#seenTo;
  }

  /** The low-water mark when it has moved past what is committed, or when more is finished above it; else undefined. */
  get uncommitted(): number | undefined {
    const mark = this.lowWater;
    if (mark === undefined) return undefined;
    const moved = this.#committed === undefined || mark > this.#committed;
    return moved || this.#finished > this.#finishedCommitted ? mark : undefined;
  }

  /** Number of offsets finished in this assignment. */
  get finished(): number {
    return this.#finished;
  }

  /** Runs above the low-water mark in which nothing is left to do, in rising order; gaps of the log are in them. */
  *finishedRuns(): Generator<Run> {
    let from: number | undefined;
    for (const pending of this.#pending) {
      if (from !== undefined && pending > from) yield { from, to: pending };
      from = pending + 1;
    }
    if (from !== undefined && this.#seenTo !== undefined && this.#seenTo > from) yield { from, to: this.#seenTo };
    // What an earlier member finished further on is still to come here.
    for (const run of this.#finishedBefore) {
      const start = Math.max(run.from, this.#seenTo ?? 0);
      if (run.to > start) yield { from: start, to: run.to };
    }
  }

  /** Says what an earlier member finished; before the first offset is accepted. */
  restore(runs: readonly Run[]): void {
    this.#finishedBefore = [...runs];
  }

  /** Takes an offset; false when it is pending or done already, here or by an earlier member. */
  accept(offset: number): boolean {
    if (this.#seenTo !== undefined && offset < this.#seenTo) return false;
    // The group starts reading at what is committed, so the first offset is no news worth a commit.
    if (this.#seenTo === undefined) this.#committed = offset;
    this.#seenTo = offset + 1;
    if (this.#wasFinished(offset)) return false;
    this.#pending.add(offset);
    return true;
  }

  /** Says that nothing below `next` is still to come: what was not delivered is a gap. */
  passTo(next: number): void {
    if (this.#seenTo === undefined || next > this.#seenTo) this.#seenTo = next;
  }

  /** Marks an offset as finished; unknown offsets are ignored. */
  done(offset: number): void {
    if (this.#pending.delete(offset)) this.#finished++;
  }

  /** Remembers a commit that the broker accepted, and how much was finished when it was made. */
  markCommitted(offset: number, finished: number): void {
    this.#committed = offset;
    this.#finishedCommitted = finished;
  }

  #wasFinished(offset: number): boolean {
    while (this.#finishedBefore[0] && this.#finishedBefore[0].to <= offset) this.#finishedBefore.shift();
    return (this.#finishedBefore[0]?.from ?? Number.POSITIVE_INFINITY) <= offset;
  }
}
