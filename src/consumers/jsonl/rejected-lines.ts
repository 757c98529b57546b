import type { DeadLetters, Rejection } from '../dead-letters.ts';
import type { SourceRecord } from '../record-source.ts';

/** One line that was not a post. */
export interface RejectedLine extends Rejection {
  /** Number of the line, from 1. */
  readonly line: number;
}

/**
 * The dead letters of a file: the file keeps the bytes, so the reason and the line's number are enough.
 * Every rejection is counted; the first `keep` are kept with their positions.
 */
export class RejectedLines implements DeadLetters {
  readonly #keep: number;
  readonly #lines: RejectedLine[] = [];
  readonly #counts: Record<string, number> = {};

  constructor(keep = 1000) {
    this.#keep = keep;
  }

  /** The first rejected lines, in input order. */
  get lines(): readonly RejectedLine[] {
    return this.#lines;
  }

  /** Rejections by reason. */
  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  /** All rejections. */
  get total(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
  }

  async write(record: SourceRecord, rejection: Rejection): Promise<void> {
    this.#counts[rejection.reason] = (this.#counts[rejection.reason] ?? 0) + 1;
    if (this.#lines.length < this.#keep)
      this.#lines.push({ ...rejection, line: Number(/\d+/.exec(record.position)?.[0]) });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
