import { setTimeout as sleep } from 'node:timers/promises';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { RecordSource, SourceRecord } from '../record-source.ts';
import type { BackOff } from './back-off.ts';
import { CursorTracker } from './cursor-tracker.ts';
import type { Frame } from './frame-record-source.ts';
import { ConnectionError, type LiveConnection, type RawFrame } from './live-connection.ts';
import type { SourceState } from './source-state.ts';

/** What a live source works with. */
export interface LiveRecordSourceOptions {
  readonly connection: LiveConnection;
  readonly state: SourceState;
  readonly backOff: BackOff;
  readonly telemetry: Telemetry;
  /** How far before the kept cursor to begin, milliseconds: for a reader that may lose what it has taken. @default 0 */
  readonly rewindMs?: number;
  /** How often the cursor is kept, milliseconds. @default 1_000 */
  readonly saveMs?: number;
}

/** Servers see the same record at slightly different times: how far to go back at another one, milliseconds. */
const OTHER_SERVER_REWIND_MS = 10_000;
/** Owners are many and change all the time, and a deletion does without them: they are kept this much more seldom. */
const OWNERS_EVERY = 30;

/**
 * Frames of a platform, for months: connects again whenever a connection ends, from where it was.
 *
 * The kept cursor passes a frame only when that frame and every one before it are done. Frames may come again.
 */
export class LiveRecordSource implements RecordSource {
  readonly #options: LiveRecordSourceOptions;
  readonly #tracker: CursorTracker;
  readonly #stopping = new AbortController();
  /** Where the next connection begins: behind what was received, which is still in this process. */
  #next: string | undefined;
  #kept: string | undefined;
  #frames = 0;
  #connected = false;
  #saves = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: LiveRecordSourceOptions) {
    this.#options = options;
    this.#next = startOf(options);
    // A run that gets nowhere keeps nothing: going back from a cursor again and again would never end.
    this.#kept = this.#next;
    this.#tracker = new CursorTracker(this.#next);
  }

  /** Connections made, and how those that ended did. */
  readonly counts: { connections: number; readonly disconnects: Record<string, number> } = {
    connections: 0,
    disconnects: {},
  };

  /** True while the platform's server has accepted the connection. */
  get connected(): boolean {
    return this.#connected;
  }

  /** The cursor before which every frame is done. */
  get cursor(): string | undefined {
    return this.#tracker.safe;
  }

  async run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    const { connection, backOff, telemetry, saveMs = 1_000 } = this.#options;
    const { signal } = this.#stopping;
    const timer = setInterval(() => this.#save(), saveMs);
    try {
      while (!signal.aborted) {
        const started = performance.now();
        const end = await this.#connect(accept);
        if (signal.aborted) return;
        this.counts.disconnects[end.reason] = (this.counts.disconnects[end.reason] ?? 0) + 1;
        if (end.reason === 'refused') throw new GrapevineError('SOURCE_REFUSED', end.message, { cause: end });
        const delayMs = backOff.next({ ...end, reason: end.reason, livedMs: performance.now() - started });
        telemetry.events.sourceDisconnected({
          source: connection.name,
          reason: end.reason,
          message: end.message,
          delayMs,
        });
        await sleep(delayMs, undefined, { signal }).catch(() => {});
      }
    } finally {
      clearInterval(timer);
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Ends the connection and keeps the cursor and the owners. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.#saves = 0;
    this.#save();
    await this.#saving;
    await this.#options.connection[Symbol.asyncDispose]();
  }

  /** One connection, to its end; what `accept` throws is passed on. */
  async #connect(accept: (record: SourceRecord) => Promise<void>): Promise<ConnectionError> {
    const { connection, telemetry } = this.#options;
    try {
      await connection.run({
        cursor: this.#next,
        signal: this.#stopping.signal,
        onOpen: () => {
          this.#connected = true;
          this.counts.connections++;
          telemetry.events.sourceConnected({ source: connection.name, cursor: this.#next });
        },
        accept: (frame) => this.#deliver(frame, accept),
      });
      return new ConnectionError('closed', `the server of ${connection.name} ended the stream`);
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      if (this.#stopping.signal.aborted) return new ConnectionError('closed', messageOf(error));
      throw error;
    } finally {
      this.#connected = false;
    }
  }

  async #deliver(raw: RawFrame, accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { connection } = this.#options;
    const tracked = this.#tracker.enter();
    const resumeAt = (cursor: string) => {
      tracked.cursor = cursor;
      this.#next = cursor;
    };
    const timestampMs = Date.now();
    if (connection.cursors === 'clock') resumeAt(String(timestampMs));
    const frame: Frame = {
      ...raw,
      key: null,
      headers: {},
      position: `${connection.name} frame ${++this.#frames}`,
      timestampMs,
      done: () => this.#tracker.finish(tracked),
      ...(connection.cursors === 'frames' && { resumeAt }),
    };
    await accept(frame);
  }

  /** One save at a time; a save that fails is tried again by the next. */
  #save(): void {
    const { connection, state, telemetry } = this.#options;
    const { safe } = this.#tracker;
    const withOwners = this.#saves++ % OWNERS_EVERY === 0;
    this.#saving = this.#saving.then(async () => {
      try {
        if (withOwners) await state.saveOwners();
        if (safe === undefined || safe === this.#kept) return;
        await state.savePosition({ endpoint: connection.endpoint, cursor: safe });
        this.#kept = safe;
      } catch (error) {
        telemetry.logger.warn({ source: connection.name, reason: messageOf(error) }, 'a cursor could not be kept');
      }
    });
  }
}

function startOf({ connection, state, rewindMs = 0 }: LiveRecordSourceOptions): string | undefined {
  const { position } = state;
  if (!position) return undefined;
  const moved = position.endpoint === connection.endpoint ? 0 : OTHER_SERVER_REWIND_MS;
  const ms = Math.max(rewindMs, moved);
  return ms > 0 ? connection.rewind(position.cursor, ms) : position.cursor;
}
