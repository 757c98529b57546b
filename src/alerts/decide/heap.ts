/** Items of which the first is always at hand. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (one: T, other: T) => boolean;

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    for (let up = (place - 1) >> 1; place > 0 && this.#isBefore(item, items[up] as T); up = (place - 1) >> 1) {
      items[place] = items[up] as T;
      place = up;
    }
    items[place] = item;
  }

  removeFirst(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let place = 0;
    for (;;) {
      let down = 2 * place + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && this.#isBefore(items[down + 1] as T, items[down] as T)) down++;
      if (!this.#isBefore(items[down] as T, last)) break;
      items[place] = items[down] as T;
      place = down;
    }
    items[place] = last;
  }
}
