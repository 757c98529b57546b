import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Agent } from 'undici';
import type { LoadedImage } from '../../domain/image.ts';
import { GrapevineError } from '../../errors.ts';
import { guardedAgent, type ResolveHost } from '../../network/guarded-agent.ts';
import { urlRules, type WebPolicy } from '../../network/web-policy.ts';
import { checkWebUrl, redactUrl, type UrlRules } from '../../network/web-url.ts';
import type { Events } from '../../telemetry/events.ts';
import { type FetchedPicture, fetchPicture } from './fetch-picture.ts';
import { HostGate } from './host-gate.ts';
import type { ImageLoader } from './image-loader.ts';

/** How pictures are fetched. The rules about addresses, ports and names are strict unless a test says otherwise. */
export interface HttpImageOptions {
  readonly events: Events;
  /** Largest picture in bytes, as sent. @default 10_485_760 */
  readonly maxBytes?: number;
  /** Longest time for one picture once its turn has come, redirects and second try included. @default 10_000 */
  readonly timeoutMs?: number;
  /** Longest time until a connection stands. @default 3_000 */
  readonly connectTimeoutMs?: number;
  /** Most pictures fetched from one host at once. @default 4 */
  readonly perHost?: number;
  /** Most pictures fetched at once. @default 32 */
  readonly total?: number;
  /** How long a picture, or the reason why there is none, is kept. @default 300_000 */
  readonly keepMs?: number;
  /** Most bytes of pictures kept. @default 67_108_864 */
  readonly keepBytes?: number;
  /** What may be asked for, over `http:` and `https:`. @default public addresses, ports 80 and 443 */
  readonly rules?: UrlRules;
  /** @default the system's resolver */
  readonly resolve?: ResolveHost;
}

const STRICT: WebPolicy = { httpsOnly: false, ports: [80, 443], hosts: [], privateNetworks: [] };
const TRIES = 2;

/** Longest pause a server may ask for; one that asks for more is not asked again. */
const MAX_PAUSE_MS = 2_000;

/** Time for which a host that cannot be reached is left alone. */
const COOL_DOWN_MS = 30_000;

/** Share of the waiting a picture may do for its turn, in timeouts: bursts pass, and a slow host cannot hold its posts for ever. */
const TURNS = 3;

/**
 * Fetches pictures by `http:` and `https:` URL from public addresses, each URL once for many posts.
 *
 * Failures that will not pass are kept like pictures; those that may are tried a second time and then forgotten.
 */
export class HttpImageLoader implements ImageLoader, AsyncDisposable {
  readonly #events: Events;
  readonly #agent: Agent;
  readonly #gate: HostGate;
  readonly #rules: UrlRules;
  readonly #maxBytes: number;
  readonly #timeoutMs: number;
  readonly #kept: LRUCache<string, LoadedImage>;
  readonly #flights = new Map<string, Promise<LoadedImage>>();
  #closed = false;

  constructor(options: HttpImageOptions) {
    const { rules = urlRules(STRICT), perHost = 4 } = options;
    this.#events = options.events;
    this.#maxBytes = options.maxBytes ?? 10_485_760;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#rules = rules;
    this.#agent = guardedAgent({
      allowAddress: rules.allowAddress,
      resolve: options.resolve ?? ((hostname) => lookup(hostname, { all: true })),
      connectTimeoutMs: options.connectTimeoutMs ?? 3_000,
      connections: perHost,
    });
    this.#gate = new HostGate({
      perHost,
      total: options.total ?? 32,
      waitMs: this.#timeoutMs * TURNS,
      coolDownMs: COOL_DOWN_MS,
    });
    this.#kept = new LRUCache({
      max: 4096,
      maxSize: options.keepBytes ?? 67_108_864,
      sizeCalculation: (image) => ('bytes' in image ? image.bytes.byteLength : 0) + 256,
      ttl: options.keepMs ?? 300_000,
    });
  }

  /** @throws {CLOSED} when disposed meanwhile: nothing is known about the picture then. */
  async load(source: string): Promise<LoadedImage> {
    const checked = checkWebUrl(source, this.#rules);
    if ('outcome' in checked) return checked;
    const { url } = checked;
    const key = url.href;
    const known = this.#kept.get(key) ?? this.#flights.get(key);
    if (known) return known;
    const flight = this.#fetch(url).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  /** Ends what is being fetched. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#agent.destroy();
  }

  async #fetch(url: URL): Promise<LoadedImage> {
    const started = performance.now();
    const fetched = (await this.#inTurn(url)) ?? { outcome: 'timeout', transient: true };
    if (this.#closed) throw new GrapevineError('CLOSED', 'fetching a picture: the loader was closed meanwhile');
    const image = loadedImage(fetched);
    if ('bytes' in fetched || !fetched.transient) this.#kept.set(url.href, image);
    this.#events.pictureFetched({
      url: redactUrl(url),
      outcome: 'bytes' in fetched ? 'ok' : fetched.outcome,
      bytes: 'bytes' in fetched ? fetched.bytes.byteLength : 0,
      seconds: (performance.now() - started) / 1000,
    });
    return image;
  }

  #inTurn(url: URL): Promise<FetchedPicture | undefined> {
    const host = url.hostname;
    return this.#gate.run(host, async () => {
      if (this.#closed || this.#gate.isDown(host)) return { outcome: 'network', transient: true };
      const fetched = await this.#tryTwice(url);
      this.#gate.report(host, 'bytes' in fetched || !fetched.unreachable);
      return fetched;
    });
  }

  async #tryTwice(url: URL): Promise<FetchedPicture> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    for (let attempt = 1; ; attempt++) {
      const fetched = await fetchPicture(url, {
        dispatcher: this.#agent,
        rules: this.#rules,
        maxBytes: this.#maxBytes,
        signal,
      });
      if ('bytes' in fetched || !fetched.transient || attempt === TRIES) return fetched;
      const pauseMs = fetched.retryAfterMs ?? 100 + Math.random() * 400;
      if (pauseMs > MAX_PAUSE_MS) return fetched;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted || this.#closed) return fetched;
    }
  }
}

function loadedImage(fetched: FetchedPicture): LoadedImage {
  if (!('bytes' in fetched)) return { outcome: fetched.outcome };
  return { bytes: fetched.bytes, sha256: createHash('sha256').update(fetched.bytes).digest('hex') };
}
