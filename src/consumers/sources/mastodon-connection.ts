import { Agent } from 'undici';
import type { ConnectionRun, LiveConnection } from './live-connection.ts';
import { fetchMissedStatuses, fetchStreamingUrl, type MastodonApi, type MastodonStream } from './mastodon-api.ts';
import { readWebSocket } from './websocket.ts';

/** What the connection to a Mastodon server works with. */
export interface MastodonConnectionOptions {
  /** Address of the server. */
  readonly url: string;
  readonly token: string;
  readonly streams: readonly MastodonStream[];
  readonly silenceMs: number;
  readonly maxFrameBytes: number;
}

/** Ids carry the milliseconds since 1970 above their lowest 16 bits; older servers count from 1. */
const TIME_BITS = 16n;
const LEAST_TIMED_ID = 1n << 50n;
/** Posts of other servers arrive late, with the id of when they were written. */
const LATE_MS = 60_000;

/**
 * The streams of one Mastodon server over its WebSocket.
 *
 * The stream itself has no cursors: what was missed is asked of the timelines, after subscribing and before reading on.
 * Deletions and edits that fell into a gap are not to be had.
 */
export class MastodonConnection implements LiveConnection {
  readonly name = 'mastodon';
  readonly endpoint: string;
  readonly cursors = 'frames';
  readonly #options: MastodonConnectionOptions;
  readonly #agent = new Agent();

  constructor(options: MastodonConnectionOptions) {
    this.#options = options;
    this.endpoint = new URL(options.url).origin;
  }

  async run(run: ConnectionRun): Promise<void> {
    const { token, streams, silenceMs, maxFrameBytes } = this.#options;
    const api: MastodonApi = { base: this.endpoint, token, dispatcher: this.#agent, silenceMs, signal: run.signal };
    const streaming = await fetchStreamingUrl(api);
    await readWebSocket(
      {
        url: `${streaming}/api/v1/streaming`,
        endpoint: this.endpoint,
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
        silenceMs,
        maxMessageBytes: maxFrameBytes,
        greetings: streams.map((stream) => JSON.stringify({ type: 'subscribe', ...stream })),
        beforeFrames: () => this.#catchUp(api, run),
      },
      run,
    );
  }

  rewind(cursor: string, ms: number): string {
    const id = /^\d{1,30}$/.test(cursor) ? BigInt(cursor) : 0n;
    const back = BigInt(ms) << TIME_BITS;
    return id >= LEAST_TIMED_ID && id > back ? String(id - back) : cursor;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.destroy();
  }

  async #catchUp(api: MastodonApi, { cursor, signal, accept }: ConnectionRun): Promise<void> {
    if (cursor === undefined) return;
    const since = this.rewind(cursor, LATE_MS);
    for await (const status of fetchMissedStatuses(api, this.#options.streams, since)) {
      if (signal.aborted) return;
      await accept({ value: Buffer.from(JSON.stringify({ event: 'update', payload: status })) });
    }
  }
}
