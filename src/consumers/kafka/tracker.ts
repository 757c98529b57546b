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

  /** The low-water mark when it has moved past what is committed, else undefined. */
  get uncommitted(): number | undefined {
    const mark = this.lowWater;
    return mark !== undefined && (this.#committed === undefined || mark > this.#committed) ? mark : undefined;
  }

  /** Takes an offset; false when it is pending or done already, so the record was delivered again. */
  accept(offset: number): boolean {
    if (this.#seenTo !== undefined && offset < this.#seenTo) return false;
    // The group starts reading at what is committed, so the first offset is no news worth a commit.
    if (this.#seenTo === undefined) this.#committed = offset;
    this.#pending.add(offset);
    this.#seenTo = offset + 1;
    return true;
  }

  /** Says that nothing below `next` is still to come: what was not delivered is a gap. */
  passTo(next: number): void {
    if (this.#seenTo === undefined || next > this.#seenTo) this.#seenTo = next;
  }

  /** Marks an offset as finished; unknown offsets are ignored. */
  done(offset: number): void {
    this.#pending.delete(offset);
  }

  /** Remembers a commit that the broker accepted. */
  markCommitted(offset: number): void {
    this.#committed = offset;
  }
}
