/** Length of a pulse, milliseconds. */
const PULSE_MS = 1800;

/** How bright a pulse is that does not swell. */
const STEADY = 0.3;

/** What is new on the drawing, and how much of its pulse is left. */
export class Pulses {
  readonly #since = new Map<string, number>();
  readonly #onBeat: (ids: readonly string[]) => void;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** While true, pulses come and go without swelling. */
  isSteady = false;

  /** @param onBeat told of those whose pulse is another now */
  constructor(onBeat: (ids: readonly string[]) => void) {
    this.#onBeat = onBeat;
  }

  start(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.#since.set(id, performance.now());
    this.#onBeat(ids);
    this.#next();
  }

  /** How much of the pulse is left, 1 to 0. */
  of(id: string): number {
    const since = this.#since.get(id);
    if (since === undefined) return 0;
    return this.isSteady ? STEADY : Math.max(0, 1 - (performance.now() - since) / PULSE_MS);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }

  /** Those that swell change with every frame, the others only when they end. */
  #next(): void {
    if (this.isSteady) this.#timer ??= setTimeout(() => this.#beat(), PULSE_MS / 2);
    else if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#beat());
  }

  #beat(): void {
    this.#frame = 0;
    this.#timer = undefined;
    const atMs = performance.now();
    const over = [...this.#since].filter(([, since]) => atMs - since >= PULSE_MS).map(([id]) => id);
    const changed = this.isSteady ? over : [...this.#since.keys()];
    for (const id of over) this.#since.delete(id);
    if (changed.length > 0) this.#onBeat(changed);
    if (this.#since.size > 0) this.#next();
  }
}
