import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpsertOutcome } from '../../src/graph/graph-store.ts';

/** A stage that works on a topic. */
export type StageName = 'extract' | 'upsert';

/** Where a record stands. */
export interface Place {
  readonly stage: StageName;
  readonly partition: number;
  readonly offset: number;
}

/** Something that was counted. */
export type Counted = 'fenced' | 'stale' | 'retried' | 'moved' | 'reset';

/** What happened. Workers tell what passes their ports, the run tells what it does to them. */
export type Happening =
  | { readonly what: 'fetched'; readonly stage: StageName; readonly partition: number; readonly offsets: number[] }
  | ({ readonly what: 'delivered'; readonly inFlight: number } & Place)
  /** The record's effect is acknowledged: in the next topic, in the graph, or among the dead letters. */
  | ({ readonly what: 'durable' } & Place)
  /** The stage called the record done. */
  | ({ readonly what: 'done' } & Place)
  | { readonly what: 'committing'; readonly stage: StageName; readonly id: number; readonly marks: [number, number][] }
  | { readonly what: 'committed'; readonly stage: StageName; readonly id: number }
  | { readonly what: 'joined'; readonly stage: StageName; readonly partitions: number }
  | { readonly what: 'counted'; readonly name: Counted; readonly of: string }
  /** What the graph said about the posts, as JSON, of one transaction. */
  | { readonly what: 'stored'; readonly posts: readonly [post: string, outcome: UpsertOutcome][] }
  | { readonly what: 'point'; readonly point: string }
  | { readonly what: 'draining' }
  | { readonly what: 'started' }
  | { readonly what: 'ended'; readonly code: number | null; readonly signal: string | null }
  /** What the group keeps, as the broker tells it. */
  | { readonly what: 'sampled'; readonly stage: StageName; readonly marks: [number, number][] }
  | { readonly what: 'fault'; readonly name: string }
  /** Something was broken at this moment. */
  | { readonly what: 'injured' };

/** One line of the trace. */
export type TraceLine = Happening & { readonly who: string; readonly at: number };

/**
 * Writes lines to the file that all processes of a run share. A line is in the file when the call returns, so a process
 * that is killed next has told everything, and the order of lines is an order in which things can have happened.
 */
export class TraceWriter {
  readonly #file: string;
  readonly #who: string;

  constructor(file: string, who: string) {
    this.#file = file;
    this.#who = who;
  }

  write(happening: Happening, who = this.#who): void {
    appendFileSync(this.#file, `${JSON.stringify({ ...happening, who, at: Date.now() })}\n`);
  }
}

const STEP_MS = 20;

/** The trace as it grows. */
export class Trace implements Disposable {
  readonly lines: TraceLine[] = [];
  readonly writer: TraceWriter;
  readonly #file: number;
  #position = 0;
  #rest = '';
  #failure: Error | undefined;

  constructor(path: string) {
    this.writer = new TraceWriter(path, 'run');
    this.#file = openSync(path, 'a+');
  }

  /** Reads what is new. */
  read(): readonly TraceLine[] {
    const size = fstatSync(this.#file).size;
    if (size > this.#position) {
      const bytes = Buffer.alloc(size - this.#position);
      this.#position += readSync(this.#file, bytes, 0, bytes.length, this.#position);
      const whole = (this.#rest + bytes.toString()).split('\n');
      this.#rest = whole.pop() ?? '';
      for (const line of whole) this.lines.push(JSON.parse(line) as TraceLine);
    }
    return this.lines;
  }

  /** Waits until the trace shows something, looking from line `since` on. */
  async until(what: string, shows: (lines: readonly TraceLine[]) => boolean, { since = 0, limitMs = 30_000 } = {}) {
    const deadline = Date.now() + limitMs;
    while (!shows(this.read().slice(since))) {
      this.throwIfFailed();
      if (Date.now() > deadline) throw new StuckError(`waited ${limitMs / 1000} s in vain for: ${what}`);
      await sleep(STEP_MS);
    }
  }

  /** Ends every wait: something happened that must not. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** What a run waits for does not come. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
}
