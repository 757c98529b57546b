/** A bound on what runs at once; those who wait are let in by the order of their calls. */
export class Slots {
  #free: number;
  readonly #waiting: ((entered: boolean) => void)[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.#free = size;
  }

  /** Nobody is in, and nobody waits. */
  get idle(): boolean {
    return this.#free === this.#size && this.#waiting.length === 0;
  }

  /** True once there is room, which is then taken; false when none came within `waitMs`, if that is given. */
  enter(waitMs?: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const admit = (entered: boolean) => {
        clearTimeout(timer);
        resolve(entered);
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        resolve(false);
      };
      const timer = waitMs === undefined ? undefined : setTimeout(giveUp, waitMs);
      this.#waiting.push(admit);
    });
  }

  /** Gives one place back. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next(true);
    else this.#free++;
  }
}
