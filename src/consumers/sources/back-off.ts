import type { DisconnectReason } from './live-connection.ts';

/** Waiting times of a source that connects again, milliseconds; those that X documents for its streams. */
export interface BackOffTimes {
  /** Added with each failure of the network, up to its limit. @default 250, 16_000 */
  readonly networkMs: number;
  readonly networkMaxMs: number;
  /** Doubled with each error the server answers, up to its limit. @default 5_000, 320_000 */
  readonly httpMs: number;
  readonly httpMaxMs: number;
  /** Doubled with each refusal for going too fast, where the server names no time. @default 60_000, 960_000 */
  readonly rateLimitMs: number;
  readonly rateLimitMaxMs: number;
  /** A connection that lasted this long is connected again at once. @default 10_000 */
  readonly stableMs: number;
}

const DEFAULTS: BackOffTimes = {
  networkMs: 250,
  networkMaxMs: 16_000,
  httpMs: 5_000,
  httpMaxMs: 320_000,
  rateLimitMs: 60_000,
  rateLimitMaxMs: 960_000,
  stableMs: 10_000,
};

/** No server is believed that asks for a longer wait, milliseconds. */
const LONGEST_WAIT_MS = 3_600_000;

/** How long to wait before each new connection, from how the ones before it ended. */
export class BackOff {
  readonly #times: BackOffTimes;
  #failures = 0;

  constructor(times: Partial<BackOffTimes> = {}) {
    this.#times = { ...DEFAULTS, ...times };
  }

  /** Milliseconds to wait after a connection that lasted `livedMs` ended like this. */
  next(end: {
    readonly reason: DisconnectReason;
    readonly waitMs?: number | undefined;
    readonly livedMs: number;
  }): number {
    const times = this.#times;
    if (end.livedMs >= times.stableMs) this.#failures = 0;
    const failures = this.#failures++;
    const doubled = (first: number, most: number) => Math.min(first * 2 ** Math.min(failures, 30), most);
    if (end.waitMs !== undefined) return Math.min(Math.max(end.waitMs, times.networkMs), LONGEST_WAIT_MS);
    if (end.reason === 'rate_limited') return doubled(times.rateLimitMs, times.rateLimitMaxMs);
    if (end.reason === 'http') return doubled(times.httpMs, times.httpMaxMs);
    return Math.min(times.networkMs * (end.livedMs >= times.stableMs ? 0 : failures + 1), times.networkMaxMs);
  }
}
