import { lookup } from 'node:dns/promises';
import { type Dispatcher, request } from 'undici';
import { BlockedAddressError, guardedAgent, type ResolveHost } from '../../network/guarded-agent.ts';
import { checkWebUrl, type UrlRules } from '../../network/web-url.ts';
import type { AlertMessage, AlertSink, DeliveryAttempt } from '../alert-sink.ts';
import { readRetryAfter } from './retry-after.ts';

/** What is posted for a message, made anew for each attempt. */
export interface AlertRequest {
  /** Beside those of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Writes a message as a receiver wants it; `nowMs` is the time of the attempt. */
export type WriteAlert = (message: AlertMessage, nowMs: number) => AlertRequest;

/** Where alerts are posted, as what, and what it is held to. */
export interface HttpAlertSinkOptions {
  readonly url: string;
  readonly write: WriteAlert;
  /** Where it may go; every address that a name stands for is judged by them again when it is connected to. */
  readonly rules: UrlRules;
  readonly timeoutMs: number;
  /** @default the system's resolver */
  readonly resolve?: ResolveHost;
  /** @default Date.now */
  readonly clock?: () => number;
}

/** How much of an answer is kept. */
const MAX_ANSWER = 500;

/** Posts alerts: 2xx only is success, and no redirect is followed. */
export class HttpAlertSink implements AlertSink {
  readonly #options: HttpAlertSinkOptions;
  readonly #agent: Dispatcher;

  constructor(options: HttpAlertSinkOptions) {
    this.#options = options;
    this.#agent = guardedAgent({
      allowAddress: options.rules.allowAddress,
      resolve: options.resolve ?? ((hostname) => lookup(hostname, { all: true })),
      connectTimeoutMs: Math.min(options.timeoutMs, 5_000),
      connections: 2,
    });
  }

  async deliver(message: AlertMessage): Promise<DeliveryAttempt> {
    const { clock = Date.now, write, rules, timeoutMs } = this.#options;
    const startMs = clock();
    const finish = (outcome: string, answer?: string): DeliveryAttempt => ({
      delivered: outcome === 'ok',
      outcome,
      milliseconds: clock() - startMs,
      ...(answer && { answer }),
    });
    const checked = checkWebUrl(this.#options.url, rules);
    if ('outcome' in checked) return finish(checked.outcome);
    const { headers, body } = write(message, startMs);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(checked.url, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'grapevine' },
        body,
        signal,
      });
      const attempt = finish(outcomeOf(response.statusCode), await beginningOf(response.body));
      const retryAfterMs = readRetryAfter(response.headers['retry-after'], clock());
      return retryAfterMs === undefined ? attempt : { ...attempt, retryAfterMs };
    } catch (error) {
      if (error instanceof BlockedAddressError) return finish('blocked_address');
      return finish(signal.aborted || isTimeout(error) ? 'timeout' : 'network');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

function outcomeOf(status: number): string {
  if (status >= 200 && status < 300) return 'ok';
  return status >= 300 && status < 400 ? 'redirect' : `http_${status}`;
}

function isTimeout(error: unknown): boolean {
  return String((error as { readonly code?: unknown }).code ?? '').endsWith('_TIMEOUT');
}

/** The status has decided: an answer that breaks off or does not end changes nothing. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += chunk.toString('utf8');
      if (text.length >= MAX_ANSWER) break;
    }
  } catch {
    // What came is what there is.
  }
  return text.slice(0, MAX_ANSWER);
}
