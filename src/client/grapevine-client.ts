import { readMessages } from './event-stream.ts';
import { mayPass, networkError, RequestError, type ServerError } from './request-error.ts';

/** Where a server is and how it is asked. */
export interface GrapevineClientOptions {
  /** Address of the server, `http://127.0.0.1:4000` for instance. */
  readonly url: string;
  /** API token, where the server asks for one. */
  readonly token?: string;
  /** What requests are made with. @default the global one */
  readonly fetch?: typeof fetch;
}

/** An operation as text, or as graphql-codegen makes it with `documentMode: 'string'`: then its types are known. */
export interface Operation<TData, TVariables> {
  toString(): string;
  readonly __apiType?: ((variables: TVariables) => TData) | undefined;
}

/** How one request is made. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** How a subscription is followed. */
export interface SubscribeOptions extends RequestOptions {
  /** Cursor of the last event that was seen. @default the newest one, so that only what happens from now on is sent */
  readonly since?: string;
  /** Time without any sign of life after which the connection is made anew, milliseconds; a server sends one every 12 s. @default 30_000 */
  readonly silenceMs?: number;
  /** Told of each connection that is made: what happens from then on is sent. */
  readonly onConnect?: () => void;
  /** Told of each connection that was lost, before the next is made. */
  readonly onReconnect?: (error: RequestError | undefined) => void;
}

/** A picture that the server took: posts name it by its reference. */
export interface UploadedImage {
  readonly reference: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}

type Fields = Record<string, unknown>;

interface Answer {
  readonly data?: Fields | null;
  readonly errors?: readonly ServerError[];
}

const BASE_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Asks a Grapevine server. It needs nothing but `fetch`, so it runs in Node and in browsers.
 *
 * @example
 * const client = new GrapevineClient({ url: 'http://127.0.0.1:4000' });
 * const { stats } = await client.query('{ stats { posts } }');
 */
export class GrapevineClient {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;

  constructor({ url, token, fetch: ask = globalThis.fetch }: GrapevineClientOptions) {
    this.#url = url.replace(/\/+$/, '');
    this.#token = token;
    // A browser's own refuses to be called as a method of something else.
    this.#fetch = (...args) => ask(...args);
  }

  /** What a query or a mutation answers. @throws {RequestError} also where only a part could not be read */
  async query<TData = Fields, TVariables = Fields>(
    operation: Operation<TData, TVariables>,
    variables?: TVariables,
    options: RequestOptions = {},
  ): Promise<TData> {
    const response = await this.#ask(operation, variables, 'application/json', options.signal);
    const { data, errors } = await readJson<Answer>(response);
    if (errors?.length || !data) throw new RequestError({ status: response.status, errors: errors ?? [], data });
    return data as TData;
  }

  /**
   * Follows a subscription: every event once, in order. A lost or silent connection is made anew and goes on after the last event.
   * The operation passes a variable `$since` to its field and selects the `cursor` of each event. It ends with the signal.
   *
   * @throws {RequestError} when the server refuses, and {TypeError} for an operation that cannot be resumed
   */
  async *subscribe<TData = Fields, TVariables = Fields>(
    operation: Operation<TData, TVariables>,
    variables?: Omit<TVariables, 'since'>,
    options: SubscribeOptions = {},
  ): AsyncGenerator<TData, void> {
    if (!/\$since\b/.test(operation.toString())) {
      throw new TypeError('subscribing: the operation has no variable $since; pass it to the field as "since: $since"');
    }
    let { since } = options;
    for (let failures = 0; !options.signal?.aborted; failures++) {
      let lost: RequestError | undefined;
      try {
        since ??= await this.#newest(operation.toString(), options);
        for await (const data of this.#stream(operation, { ...variables, since }, options)) {
          since = cursorOf(data);
          failures = 0;
          yield data as TData;
          if (options.signal?.aborted) return;
        }
      } catch (error) {
        if (options.signal?.aborted) return;
        if (!mayPass(error)) throw error;
        lost = error as RequestError;
      }
      if (options.signal?.aborted) return;
      options.onReconnect?.(lost);
      await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, BASE_PAUSE_MS * 2 ** failures), options.signal);
    }
  }

  /** Sends a picture, JPEG, PNG, WebP or GIF, for a post that follows. @throws {RequestError} */
  async upload(picture: Blob | Uint8Array, options: RequestOptions = {}): Promise<UploadedImage> {
    const body = picture instanceof Blob ? picture : new Blob([new Uint8Array(picture)]);
    const type = body.type.startsWith('image/') ? body.type : 'application/octet-stream';
    const response = await this.#send('/pictures', { 'content-type': type }, body, options.signal);
    const { picture: kept, errors = [] } = await readJson<{ picture?: UploadedImage } & Answer>(response);
    if (kept) return kept;
    throw new RequestError({ status: response.status, errors });
  }

  /** Where the log that an operation follows ends now: that of alerts is another than that of the graph. */
  async #newest(operation: string, options: RequestOptions): Promise<string> {
    type Cursors = { readonly eventCursor: string; readonly alertCursor: string };
    const { stats } = await this.query<{ stats: Cursors }>('{ stats { eventCursor alertCursor } }', {}, options);
    return /\balertFired\b/.test(operation) ? stats.alertCursor : stats.eventCursor;
  }

  async *#stream(
    operation: Operation<unknown, never>,
    variables: Fields,
    { signal, silenceMs = 30_000, onConnect }: SubscribeOptions,
  ): AsyncGenerator<Fields, void> {
    const leave = new AbortController();
    const onAbort = () => leave.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    let watch = setTimeout(onAbort, silenceMs);
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(onAbort, silenceMs);
    };
    try {
      const response = await this.#ask(operation, variables, 'text/event-stream', leave.signal);
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
      // A refusal may come as a stream of one message, too.
      if (!isStream || !response.body) {
        const { errors = [] } = await readJson<Answer>(response);
        throw new RequestError({ status: response.status, errors });
      }
      onConnect?.();
      for await (const { event, data } of readMessages(response.body, alive)) {
        if (event === 'complete') return;
        if (event !== 'next') continue;
        const answer = JSON.parse(data) as Answer;
        if (answer.errors?.length || !answer.data)
          throw new RequestError({ status: response.status, errors: answer.errors ?? [], data: answer.data });
        yield answer.data;
      }
    } catch (error) {
      throw error instanceof RequestError ? error : networkError('following the graph', error);
    } finally {
      clearTimeout(watch);
      signal?.removeEventListener('abort', onAbort);
      leave.abort();
    }
  }

  #ask(
    operation: Operation<unknown, never>,
    variables: unknown,
    accept: string,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const body = JSON.stringify({ query: operation.toString(), variables });
    return this.#send('/graphql', { 'content-type': 'application/json', accept }, body, signal);
  }

  async #send(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Blob,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const token = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    try {
      return await this.#fetch(`${this.#url}${path}`, {
        method: 'POST',
        headers: { ...headers, ...token },
        body,
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw networkError(`asking ${this.#url}`, error);
    }
  }
}

async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch {
    const message = `the server answered with status ${response.status} and ${JSON.stringify(text.slice(0, 120))}`;
    throw new RequestError({ status: response.status, errors: [{ message }] });
  }
}

function cursorOf(data: Fields): string {
  const [event] = Object.values(data) as ({ cursor?: unknown } | null)[];
  if (typeof event?.cursor === 'string') return event.cursor;
  throw new TypeError('subscribing: the operation does not select the cursor of the event, so it cannot be resumed');
}

/** Waits; where a browser says that the network is back, no longer. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const network = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      network.removeEventListener?.('online', end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    network.addEventListener?.('online', end);
    signal?.addEventListener('abort', end);
  });
}
