/** A place in the queue of one key. */
export interface Turn {
  /** Resolves when every earlier turn of the key has left. */
  readonly reached: Promise<void>;
  /** Lets the next turn of the key go on. */
  leave(): void;
}

/** Queues by key: turns of one key come in the order they were taken, different keys do not wait for each other. */
export class KeyOrder {
  readonly #tails = new Map<string, Promise<void>>();

  /** Number of keys with a turn that has not left. */
  get size(): number {
    return this.#tails.size;
  }

  /** Takes the next turn of a key. */
  enter(key: string): Turn {
    const reached = this.#tails.get(key) ?? Promise.resolve();
    let leave = () => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    const tail = reached.then(() => left);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return { reached, leave };
  }
}
