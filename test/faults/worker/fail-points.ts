import type { StageName, TraceWriter } from '../trace.ts';
import type { FailAt, Point } from './orders.ts';

/** The places where this process can be made to signal itself, and whether its extractor holds posts back. */
export class FailPoints {
  /** True from SIGTERM on. */
  draining = false;
  readonly #failAt: FailAt | undefined;
  readonly #trace: TraceWriter;
  readonly #released: Promise<void>;
  #release = () => {};
  #held = 0;
  #left: number;
  #passed = 0;

  constructor(trace: TraceWriter, failAt: FailAt | undefined, holdAfter = Number.POSITIVE_INFINITY) {
    this.#trace = trace;
    this.#failAt = failAt;
    this.#left = holdAfter;
    this.#released = new Promise((resolve) => (this.#release = resolve));
  }

  /** Passes a point; the process may not survive it. */
  pass(point: Point, stage: StageName): void {
    const at = this.#failAt;
    if (!at || at.point !== point || (at.stage ?? stage) !== stage) return;
    if (at.whileHolding && this.#held === 0) return;
    if (++this.#passed !== at.time) return;
    this.#trace.write({ what: 'point', point });
    process.kill(process.pid, at.signal);
  }

  /** Waits until `release` where so many posts have been let through. */
  async hold(): Promise<void> {
    if (this.#left-- > 0) return;
    this.#held++;
    await this.#released;
    this.#held--;
  }

  release(): void {
    this.#release();
  }
}
