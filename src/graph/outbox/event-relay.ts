import { messageOf } from '../../errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { GraphStore, RelayOptions } from '../graph-store.ts';

const LONGEST_PAUSE_MS = 30_000;

/** What a relay moves events with, and how often it looks for them. */
export interface EventRelayOptions extends RelayOptions {
  readonly store: Pick<GraphStore, 'relayEvents' | 'releaseLease'>;
  /** Time between looks into the outbox when nobody nudges, milliseconds. */
  readonly intervalMs: number;
  readonly telemetry: Telemetry;
}

/**
 * Gives events their positions, and publishes them where it is given something to publish with, until it is disposed
 * of, then once more.
 *
 * A failure is counted and tried again with growing pauses; events wait in the outbox meanwhile.
 */
export class EventRelay implements AsyncDisposable {
  readonly #options: EventRelayOptions;
  readonly #done: Promise<void>;
  #stopped = false;
  #nudged = false;
  #failures = 0;
  #wake: () => void = () => {};

  constructor(options: EventRelayOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /** Says that there may be new events: the relay looks at once. */
  nudge(): void {
    this.#nudged = true;
    // After a failure the pause stands: a busy writer must not turn it into a tight loop.
    if (this.#failures === 0) this.#wake();
  }

  /** Stops after a last look and leaves the lease to others. What cannot be published then stays in the outbox. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#nudged = false;
      await this.#drain();
      await this.#pause();
    }
    await this.#drain();
    await this.#release();
  }

  async #drain(): Promise<void> {
    const { store, telemetry, intervalMs, limit, publish } = this.#options;
    try {
      for (let moved = limit; moved >= limit; ) {
        moved = await store.relayEvents(this.#options);
        if (publish && moved > 0) telemetry.events.eventsPublished({ count: moved });
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const fact = { dependency: 'outbox', attempt: this.#failures, delayMs: this.#delayMs(intervalMs) };
      telemetry.events.dependencyRetried({ ...fact, message: messageOf(error) });
    }
  }

  async #release(): Promise<void> {
    const { store, holder, publish } = this.#options;
    // A lease that cannot be given back ends by itself.
    if (publish) await store.releaseLease(holder).catch(() => {});
  }

  #pause(): Promise<void> {
    if (this.#stopped || (this.#nudged && this.#failures === 0)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#delayMs(this.#options.intervalMs));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #delayMs(intervalMs: number): number {
    return Math.min(intervalMs * 2 ** Math.min(this.#failures, 20), Math.max(intervalMs, LONGEST_PAUSE_MS));
  }
}
