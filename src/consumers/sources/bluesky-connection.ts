import type { ConnectionRun, LiveConnection } from './live-connection.ts';
import { readWebSocket } from './websocket.ts';

/** What the connection to Jetstream works with. */
export interface BlueskyConnectionOptions {
  readonly url: string;
  /** Record collections asked for; account events come whatever is asked. */
  readonly collections: readonly string[];
  readonly silenceMs: number;
  /** Longest frame, bytes. */
  readonly maxFrameBytes: number;
}

/** Cursors below are the numbers of one server, those above are microseconds since 1970. */
const LEAST_TIME = 1e15;

/** Bluesky's Jetstream, version 1 or 2 by its address. */
export class BlueskyConnection implements LiveConnection {
  readonly name = 'bluesky';
  readonly endpoint: string;
  readonly cursors = 'frames';
  readonly #options: BlueskyConnectionOptions;

  constructor(options: BlueskyConnectionOptions) {
    this.#options = options;
    const { origin, pathname } = new URL(options.url);
    this.endpoint = `${origin}${pathname}`;
  }

  run(run: ConnectionRun): Promise<void> {
    const { silenceMs, maxFrameBytes } = this.#options;
    return readWebSocket(
      {
        url: this.#addressOf(run.cursor),
        endpoint: this.endpoint,
        ...(this.#isVersion2 && { protocols: ['xrpc.v1.json'] }),
        silenceMs,
        maxMessageBytes: maxFrameBytes,
      },
      run,
    );
  }

  rewind(cursor: string, ms: number): string {
    const at = Number(cursor);
    return at >= LEAST_TIME ? String(Math.max(at - ms * 1000, LEAST_TIME)) : cursor;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  get #isVersion2(): boolean {
    return this.endpoint.endsWith('subscribeEvents');
  }

  #addressOf(cursor: string | undefined): string {
    const url = new URL(this.#options.url);
    const name = this.#isVersion2 ? 'collections' : 'wantedCollections';
    for (const collection of this.#options.collections) url.searchParams.append(name, collection);
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    return url.href;
  }
}
