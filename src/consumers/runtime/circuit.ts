/**
 * Whether a dependency answers.
 *
 * It opens after so many failures in a row, and closes at the first success. Who takes in new work waits while it is open;
 * who is trying the dependency again goes on trying, and that is what finds out that it is back.
 */
export class Circuit {
  readonly dependency: string;
  readonly #onChange: (open: boolean) => void;
  readonly #waiting: (() => void)[] = [];
  #failures = 0;

  /** @param onChange told when it opens and when it closes */
  constructor(dependency: string, onChange: (open: boolean) => void = () => {}) {
    this.dependency = dependency;
    this.#onChange = onChange;
  }

  /** True while the dependency does not answer. */
  get open(): boolean {
    return this.#failures >= FAILURES;
  }

  /** Resolves once it is closed; at once where it is, or where the signal ends the waiting. */
  closed(signal?: AbortSignal): Promise<void> {
    if (!this.open || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** A call failed in a way that may pass. */
  failed(): void {
    if (++this.#failures === FAILURES) this.#onChange(true);
  }

  /** A call was answered. */
  succeeded(): void {
    const wasOpen = this.open;
    this.#failures = 0;
    if (!wasOpen) return;
    this.#onChange(false);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const FAILURES = 3;
