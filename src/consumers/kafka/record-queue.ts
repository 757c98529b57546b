/** How much may wait in a queue before it counts as full. */
export interface QueueBounds {
  readonly records: number;
  readonly bytes: number;
}

/** An item that says how much memory it holds. */
export interface Sized {
  readonly bytes: number;
}

/**
 * First-in-first-out queue between a fetch loop and one reader.
 *
 * It never refuses: the bounds say when to stop fetching (`full`) and when to go on (`low`), since what has been fetched
 * is in memory anyway.
 */
export class RecordQueue<T extends Sized> {
  readonly #bounds: QueueBounds;
  #items: T[] = [];
  #head = 0;
  #bytes = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** Items that wait. */
  get records(): number {
    return this.#items.length - this.#head;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True from the bound on, in records or bytes. */
  get full(): boolean {
    return this.records >= this.#bounds.records || this.#bytes >= this.#bounds.bytes;
  }

  /** True at half of both bounds and below. */
  get low(): boolean {
    return this.records <= this.#bounds.records / 2 && this.#bytes <= this.#bounds.bytes / 2;
  }

  push(item: T): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.#bytes += item.bytes;
    this.#wakeReader();
  }

  /** The next item, waiting for one; undefined once the queue is closed. */
  async next(): Promise<T | undefined> {
    while (this.records === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    this.#bytes -= item.bytes;
    if (this.#head >= 256 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Removes every item that does not pass; returns how many went. */
  retain(keep: (item: T) => boolean): number {
    const before = this.records;
    this.#items = this.#items.slice(this.#head).filter(keep);
    this.#head = 0;
    this.#bytes = this.#items.reduce((sum, item) => sum + item.bytes, 0);
    return before - this.records;
  }

  /** Drops what waits and ends the reader. */
  close(): void {
    this.#closed = true;
    this.retain(() => false);
    this.#wakeReader();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
