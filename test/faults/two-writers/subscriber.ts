import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphEvent } from '../../../src/domain/graph.ts';
import { isRetryable } from '../../../src/errors.ts';
import type { GraphReader } from '../../../src/graph/graph-reader.ts';

const PAGE = 50;
const PAUSE_MS = 10;

/** Reads events by position as they come, from the first one to the last, as somebody does who resumes with `since`. */
export class Subscriber {
  readonly #reader: Pick<GraphReader, 'eventsAfter'>;
  readonly #events: GraphEvent[] = [];
  readonly #done: Promise<void>;
  #failures = 0;
  #isLast = false;

  constructor(reader: Pick<GraphReader, 'eventsAfter'>) {
    this.#reader = reader;
    this.#done = this.#read();
    // Whoever waits for the end hears of it.
    this.#done.catch(() => {});
  }

  /** Reads in vain because the database was away. */
  get failures(): number {
    return this.#failures;
  }

  /** Reads what is left and gives everything that was read, in the order of reading. */
  async finish(): Promise<readonly GraphEvent[]> {
    this.#isLast = true;
    await this.#done;
    return this.#events;
  }

  async #read(): Promise<void> {
    for (;;) {
      const isLast = this.#isLast;
      const page = await this.#page();
      this.#events.push(...page);
      if (page.length > 0) continue;
      if (isLast) return;
      await sleep(PAUSE_MS);
    }
  }

  async #page(): Promise<readonly GraphEvent[]> {
    try {
      return await this.#reader.eventsAfter(this.#events.at(-1)?.position ?? 0, PAGE);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      this.#failures++;
      return [];
    }
  }
}

/** What is wrong with events that were read by position: each must be there once, in a row from 1. */
export function problemsOfReading(events: readonly GraphEvent[], written: number): readonly string[] {
  const positions = events.map(({ position }) => position);
  const broken = positions.findIndex((position, index) => position !== index + 1);
  const found: [boolean, string][] = [
    [broken >= 0, `the subscriber got position ${positions[broken]} where ${broken + 1} was due`],
    [new Set(events.map(({ key }) => key)).size < events.length, 'the subscriber got an event twice'],
    [events.length !== written, `the subscriber got ${events.length} events of ${written}`],
  ];
  return found.flatMap(([isWrong, what]) => (isWrong ? [what] : []));
}
