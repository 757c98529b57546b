/** Counts the changes that came while nobody listened, once the connection is there again. */
export class CatchUp {
  readonly #since: string;
  readonly #seen: string[] = [];
  #newest: string | undefined;

  /** @param since cursor of the last change before the connection was lost */
  constructor(since: string) {
    this.#since = since;
  }

  /** A change came. Gives how many were missed, when it is the last of them. */
  saw(cursor: string): number | undefined {
    this.#seen.push(cursor);
    return cursor === this.#newest ? this.#seen.length : undefined;
  }

  /** The newest change at the time of the connection is known. Gives how many were missed, when all of them came. */
  knows(newest: string): number | undefined {
    this.#newest = newest;
    if (newest === this.#since) return 0;
    const place = this.#seen.indexOf(newest);
    return place < 0 ? undefined : place + 1;
  }
}
