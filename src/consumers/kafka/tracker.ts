import { aloneWith, type Beginning, type Begun, withBegun } from './begun.ts';
import { encodeDone, type Run } from './done-set.ts';
import type { CommittedOffset } from './group-consumer.ts';

/** What is to be committed of a partition, and how much was finished when that was written down. */
export interface Mark extends CommittedOffset {
  readonly finished: number;
  readonly begun: Begun | undefined;
}

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
  // How this member stands, as far as it is to be told and as the group knows it.
  #begun: Begun | undefined;
  #begunCommitted: Begun | undefined;
  #left = false;
  #carefulLeft = 0;
  #condemned: number | undefined;

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

  /** What is to be committed, where anything of it is news. */
  get uncommitted(): Mark | undefined {
    const offset = this.lowWater;
    if (offset === undefined) return undefined;
    const begun = this.#left ? undefined : this.#begun;
    const moved = this.#committed === undefined || offset > this.#committed;
    if (!moved && this.#finished === this.#finishedCommitted && begun === this.#begunCommitted) return undefined;
    const metadata = withBegun(encodeDone(offset, this.finishedRuns()), begun);
    return { offset, metadata, finished: this.#finished, begun };
  }

  /** True while records are taken one at a time, because an earlier member died here. */
  get careful(): boolean {
    return this.#carefulLeft > 0;
  }

  /** True for the record that is to blame for the deaths of earlier members. */
  isCondemned(offset: number): boolean {
    return offset === this.#condemned;
  }

  /** Begins at an offset; `suspects` is how many records may have been in flight when an earlier member died. */
  begin(offset: number, beginning: Beginning, suspects: number): void {
    this.#seenTo = offset;
    this.#committed = offset;
    this.#begun = beginning.begun;
    this.#condemned = beginning.condemned;
    this.#carefulLeft = beginning.careful ? suspects : 0;
  }

  /** A record of a careful member is about to be begun, with no other in flight. */
  beginAlone(offset: number): void {
    if (this.#begun) this.#begun = aloneWith(this.#begun, offset);
    this.#carefulLeft -= 1;
  }

  /** The membership ends in order, or is in question: a successor must not take that for a death. */
  leave(): void {
    this.#left = true;
  }

  /** The partition is still this member's. */
  stay(): void {
    this.#left = false;
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
    this.#committed ??= offset;
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
    if (!this.#pending.delete(offset)) return;
    this.#finished++;
    if (this.#begun?.alone?.offset === offset) this.#begun = {};
  }

  /** True for an offset that is accepted and not done. */
  isPending(offset: number): boolean {
    return this.#pending.has(offset);
  }

  /** Remembers a commit that the broker accepted. */
  markCommitted({ offset, finished, begun }: Mark): void {
    this.#committed = offset;
    this.#finishedCommitted = finished;
    this.#begunCommitted = begun;
  }

  #wasFinished(offset: number): boolean {
    while (this.#finishedBefore[0] && this.#finishedBefore[0].to <= offset) this.#finishedBefore.shift();
    return (this.#finishedBefore[0]?.from ?? Number.POSITIVE_INFINITY) <= offset;
  }
}
