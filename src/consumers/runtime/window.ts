/** How much may be in flight. */
export interface WindowBounds {
  readonly records: number;
  readonly bytes: number;
}

/**
 * One bound over everything in flight: records and bytes that were accepted and are not yet finished.
 *
 * A record larger than the byte bound is let in when nothing else is, so it cannot wait for ever.
 */
export class Window {
  readonly #bounds: WindowBounds;
  readonly #waiting: { readonly bytes: number; readonly admit: () => void }[] = [];
  readonly #idle: (() => void)[] = [];
  #records = 0;
  #bytes = 0;

  constructor(bounds: WindowBounds) {
    this.#bounds = bounds;
  }

  /** Records in flight. */
  get records(): number {
    return this.#records;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once there is room for a record of so many bytes, in the order of the calls, and takes that room. */
  acquire(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#take(bytes);
      return Promise.resolve();
    }
    return new Promise((admit) => this.#waiting.push({ bytes, admit }));
  }

  /** Gives back the room of one record. */
  release(bytes: number): void {
    this.#records -= 1;
    this.#bytes -= bytes;
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.admit();
    }
    if (this.#records === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nothing is in flight. */
  drained(): Promise<void> {
    if (this.#records === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #fits(bytes: number): boolean {
    if (this.#records === 0) return true;
    return this.#records < this.#bounds.records && this.#bytes + bytes <= this.#bounds.bytes;
  }

  #take(bytes: number): void {
    this.#records += 1;
    this.#bytes += bytes;
  }
}
