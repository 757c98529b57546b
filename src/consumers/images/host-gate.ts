import { LRUCache } from 'lru-cache';
import { Slots } from '../../threads/slots.ts';

/** How hard hosts are asked. */
export interface HostGateOptions {
  /** Most tasks for one host at once. */
  readonly perHost: number;
  /** Most tasks at once, over all hosts. */
  readonly total: number;
  /** Longest time a task waits for its turn, milliseconds. */
  readonly waitMs: number;
  /** Time for which a host that cannot be reached is left alone, milliseconds. */
  readonly coolDownMs: number;
}

/** Tasks in a row that find a host unreachable before it is left alone. */
const UNREACHABLE_LIMIT = 5;

/** Decides when a host may be asked: so many at once, in turn, and not while it cannot be reached. */
export class HostGate {
  readonly #options: HostGateOptions;
  readonly #hosts = new Map<string, Slots>();
  readonly #total: Slots;
  readonly #unreachable: LRUCache<string, number>;

  constructor(options: HostGateOptions) {
    this.#options = options;
    this.#total = new Slots(options.total);
    this.#unreachable = new LRUCache({ max: 4096, ttl: options.coolDownMs });
  }

  /** True while a host is left alone. */
  isDown(host: string): boolean {
    return (this.#unreachable.get(host) ?? 0) >= UNREACHABLE_LIMIT;
  }

  /** Says whether a host could be reached; what it answered is not its fault, and does not count. */
  report(host: string, reached: boolean): void {
    if (reached) this.#unreachable.delete(host);
    else this.#unreachable.set(host, (this.#unreachable.get(host) ?? 0) + 1);
  }

  /** Runs a task in its turn; undefined when its turn did not come in time. */
  async run<T>(host: string, task: () => Promise<T>): Promise<T | undefined> {
    const slots = this.#hosts.get(host) ?? new Slots(this.#options.perHost);
    this.#hosts.set(host, slots);
    const deadline = performance.now() + this.#options.waitMs;
    try {
      if (!(await slots.enter(this.#options.waitMs))) return undefined;
      try {
        // A task of a slow host waits for that host first, so that it takes no place from the others meanwhile.
        if (!(await this.#total.enter(Math.max(0, deadline - performance.now())))) return undefined;
        try {
          return await task();
        } finally {
          this.#total.leave();
        }
      } finally {
        slots.leave();
      }
    } finally {
      if (slots.idle) this.#hosts.delete(host);
    }
  }
}
