import { onTestFinished } from 'vitest';
import type { FrameDecoder } from '../../src/consumers/formats/frame.ts';
import { RejectedLines } from '../../src/consumers/jsonl/rejected-lines.ts';
import { Window } from '../../src/consumers/runtime/window.ts';
import { runSource } from '../../src/consumers/source.ts';
import { BackOff, type BackOffTimes } from '../../src/consumers/sources/back-off.ts';
import { FrameRecordSource } from '../../src/consumers/sources/frame-record-source.ts';
import type { LiveConnection } from '../../src/consumers/sources/live-connection.ts';
import { LiveRecordSource } from '../../src/consumers/sources/live-record-source.ts';
import { SourceState } from '../../src/consumers/sources/source-state.ts';
import type { Post, PostRecord } from '../../src/domain/post.ts';
import type { Events } from '../../src/telemetry/events.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { temporaryFolder } from './folder.ts';

type Disconnect = Parameters<Events['sourceDisconnected']>[0];

/** How a test follows a platform. */
export interface FollowOptions {
  readonly connect: (state: SourceState) => LiveConnection;
  readonly decoder: (state: SourceState) => FrameDecoder;
  /** Folder of the state; a new one when left out. */
  readonly folder?: string;
  readonly times?: Partial<BackOffTimes>;
  readonly window?: number;
  readonly rewindMs?: number;
  /** Takes each record; one that is not taken stays undone. */
  readonly sink?: (record: PostRecord) => Promise<void>;
}

/** A source that is followed until the test ends. */
export class Followed {
  readonly records: PostRecord[] = [];
  readonly rejected = new RejectedLines();
  readonly disconnects: Disconnect[] = [];
  readonly telemetry = createTelemetry(createLogger('silent'));
  readonly folder: string;
  readonly #abandon = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #live!: LiveRecordSource;
  #source!: FrameRecordSource;
  #run!: Promise<void>;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(options: FollowOptions): Promise<Followed> {
    const followed = new Followed(options.folder ?? (await temporaryFolder()));
    await followed.#start(options);
    return followed;
  }

  get live(): LiveRecordSource {
    return this.#live;
  }

  get ids(): readonly string[] {
    return this.records.map((record) => record.id ?? record.author.id);
  }

  get posts(): readonly Post[] {
    return this.records.filter((record): record is Post => !record.deleted && !record.event);
  }

  /** Resolves when the condition holds; it is looked at whenever something happens. Rejects when the run ends before. */
  async until(condition: () => boolean): Promise<void> {
    const ended = this.#run.then(() => 'ended' as const);
    while (!condition()) {
      const happened = new Promise<void>((resolve) => this.#waiting.push(resolve));
      if ((await Promise.race([happened, ended])) === 'ended' && !condition())
        throw new Error('the source ended first');
    }
  }

  /** Resolves as the run does. */
  ended(): Promise<void> {
    return this.#run;
  }

  /** Stops as a signal does: what is in flight is finished, the cursor is kept. */
  async stop(): Promise<void> {
    this.#source.stop();
    await this.#run.catch(() => {});
    await this.#source[Symbol.asyncDispose]();
  }

  async #start(options: FollowOptions): Promise<void> {
    const state = await SourceState.open({ folder: this.folder, name: 'test', maxOwners: 1000 });
    const { events } = this.telemetry;
    const telemetry = {
      ...this.telemetry,
      events: {
        ...events,
        sourceDisconnected: (fact: Disconnect) => {
          this.disconnects.push(fact);
          this.#notify();
        },
      },
    };
    this.#live = new LiveRecordSource({
      connection: options.connect(state),
      state,
      backOff: new BackOff({ networkMs: 1, networkMaxMs: 10, httpMs: 1, rateLimitMs: 1, ...options.times }),
      telemetry,
      saveMs: 10,
      ...(options.rewindMs !== undefined && { rewindMs: options.rewindMs }),
    });
    const decoder = options.decoder(state);
    this.#source = new FrameRecordSource({ frames: this.#live, decoder, stage: 'source', events });
    const sink = {
      write: async ({ value }: { value: Uint8Array }) => {
        const record = JSON.parse(Buffer.from(value).toString()) as PostRecord;
        this.records.push(record);
        this.#notify();
        await options.sink?.(record);
      },
      async [Symbol.asyncDispose]() {},
    };
    const rejected = this.rejected;
    this.#run = runSource({
      source: this.#source,
      sink,
      deadLetters: {
        write: async (...letter) => {
          await rejected.write(...letter);
          this.#notify();
        },
        async [Symbol.asyncDispose]() {},
      },
      window: new Window({ records: options.window ?? 64, bytes: 1e7 }),
      telemetry,
      name: 'test',
      abandon: this.#abandon.signal,
    });
    this.#run.catch(() => this.#notify());
    onTestFinished(async () => {
      this.#abandon.abort();
      await this.stop();
    });
  }

  #notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
