/** What a batch may hold and where it goes. */
export interface MicroBatchOptions<T, R> {
  /** Most items of one batch. */
  readonly maxItems: number;
  /** Handles items in their order and answers each, in that order. */
  readonly flush: (items: readonly T[]) => Promise<readonly BatchResult<R>[]>;
}

/** The answer to one item: a value, or the error of that item alone. */
export type BatchResult<R> = { readonly value: R } | { readonly error: unknown };

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * First-in-first-out batching without a timer: a batch starts the moment the one before it is done, with whatever has
 * gathered meanwhile. Items never overtake each other.
 */
export class MicroBatch<T, R> {
  readonly #options: MicroBatchOptions<T, R>;
  #waiting: Waiting<T, R>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: MicroBatchOptions<T, R>) {
    this.#options = options;
  }

  /** Adds an item; settles with the item's own answer. */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when every item added so far is answered. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    // One turn of the event loop lets everything that is ready join the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.maxItems);
      await this.#flush(batch);
    }
    this.#running = undefined;
  }

  async #flush(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.flush(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, i) => {
        const result = results[i];
        if (result && 'value' in result) waiting.resolve(result.value);
        else waiting.reject(result?.error ?? new Error('flushing a batch: an item got no answer'));
      });
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
