/** What is left of a caller's budget after a request. */
export interface BudgetState {
  /** False when the request asks for more than is left: nothing was taken then. */
  readonly isEnough: boolean;
  /** Objects that answers may still hold now. */
  readonly remaining: number;
  /** Until there is enough for the request, seconds; 0 where there is. */
  readonly waitSeconds: number;
}

/** Callers that are remembered; those with a full budget are forgotten first, without loss. */
const MAX_CALLERS = 10_000;

const MINUTE_MS = 60_000;

/** A budget of objects for each caller. It fills up evenly, a whole one in a minute. */
export class CostBudget {
  /** Objects a minute, and the most that can be left. */
  readonly perMinute: number;
  readonly #clock: () => number;
  readonly #callers = new Map<string, { left: number; atMs: number }>();

  constructor(perMinute: number, clock: () => number = Date.now) {
    this.perMinute = perMinute;
    this.#clock = clock;
  }

  /** Takes the cost of a request from the caller's budget when it is enough. */
  take(callerId: string, cost: number): BudgetState {
    const atMs = this.#clock();
    const left = this.#leftOf(callerId, atMs);
    const isEnough = cost <= left;
    const now = isEnough ? left - cost : left;
    this.#callers.delete(callerId);
    this.#callers.set(callerId, { left: now, atMs });
    this.#forget(atMs);
    const waitSeconds = isEnough ? 0 : Math.ceil(((cost - left) / this.perMinute) * (MINUTE_MS / 1000));
    return { isEnough, remaining: Math.floor(now), waitSeconds };
  }

  #leftOf(callerId: string, nowMs: number): number {
    const known = this.#callers.get(callerId);
    if (!known) return this.perMinute;
    const filled = (Math.max(0, nowMs - known.atMs) / MINUTE_MS) * this.perMinute;
    return Math.min(this.perMinute, known.left + filled);
  }

  /** Callers stand in the order of their last requests: who asked nothing for a minute has a full budget. */
  #forget(nowMs: number): void {
    for (const [id, { atMs }] of this.#callers) {
      if (nowMs - atMs < MINUTE_MS && this.#callers.size <= MAX_CALLERS) return;
      this.#callers.delete(id);
    }
  }
}
