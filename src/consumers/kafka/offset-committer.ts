import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Assignment } from './assignment.ts';
import type { GroupConsumer } from './group-consumer.ts';

/** What offsets are committed with. */
export interface OffsetCommitterOptions {
  readonly topic: string;
  readonly assignment: Assignment;
  readonly consumer: GroupConsumer;
  readonly telemetry: Telemetry;
}

const STEP_MS = 100;

/** Commits the low-water marks of the partitions assigned now, one commit at a time. */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions;
  #running: Promise<boolean> | undefined;

  constructor(options: OffsetCommitterOptions) {
    this.#options = options;
  }

  /** Commits what has moved; true when nothing is left to commit. Never rejects: what failed is offered again. */
  commit(): Promise<boolean> {
    this.#running ??= this.#commitMoved().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Commits until nothing is left, for a limited time: a rebalance may be under way, or a broker silent. */
  async finish(limitMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + limitMs;
    const late = sleep(limitMs, true, { ref: false });
    while (!signal.aborted && Date.now() < deadline) {
      // A commit that was under way may have begun before the last record was done.
      await Promise.race([this.#running, late]);
      if (await Promise.race([this.commit(), late])) return;
      await sleep(STEP_MS);
    }
  }

  async #commitMoved(): Promise<boolean> {
    const { topic, assignment, consumer, telemetry } = this.#options;
    const marks = assignment.uncommitted();
    if (marks.size === 0) return true;
    const trackers = new Map(assignment.trackers);
    try {
      const outcome = await consumer.commit(marks);
      if (outcome === 'fenced') telemetry.events.commitFenced({ topic, partitions: marks.size });
      // Such marks are forgotten here: the trackers that survive the next join offer them again.
      if (outcome !== 'committed') return false;
    } catch (error) {
      telemetry.logger.warn({ topic, reason: messageOf(error) }, 'offsets could not be committed yet');
      return false;
    }
    for (const [partition, mark] of marks) trackers.get(partition)?.markCommitted(mark);
    telemetry.events.offsetsCommitted({ topic, partitions: marks.size });
    return true;
  }
}
