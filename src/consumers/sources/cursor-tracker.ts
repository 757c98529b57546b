/** A frame whose effect is not yet durable. */
export interface Tracked {
  /** Cursor that resumes behind it, where it has one. */
  cursor?: string;
  done: boolean;
}

/** Knows the cursor before which every frame is done, whatever order they became so in. */
export class CursorTracker {
  #open: Tracked[] = [];
  #head = 0;
  #safe: string | undefined;

  constructor(start?: string) {
    this.#safe = start;
  }

  /** The cursor that loses nothing. */
  get safe(): string | undefined {
    return this.#safe;
  }

  /** Frames received and not yet passed. */
  get size(): number {
    return this.#open.length - this.#head;
  }

  /** Adds the next frame of the stream. */
  enter(): Tracked {
    const frame: Tracked = { done: false };
    this.#open.push(frame);
    return frame;
  }

  /** Marks a frame as done and moves on where the ones before it are done too. */
  finish(frame: Tracked): void {
    frame.done = true;
    for (let next = this.#open[this.#head]; next?.done; next = this.#open[this.#head]) {
      this.#safe = next.cursor ?? this.#safe;
      this.#head++;
    }
    if (this.#head > 1000 || this.#head === this.#open.length) {
      this.#open = this.#open.slice(this.#head);
      this.#head = 0;
    }
  }
}
