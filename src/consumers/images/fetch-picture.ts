import { type Dispatcher, request } from 'undici';
import type { ImageOutcome } from '../../domain/image.ts';
import { BlockedAddressError } from '../../network/guarded-agent.ts';
import { checkWebUrl, type UrlRules } from '../../network/web-url.ts';

/** How one picture is asked for. */
export interface FetchOptions {
  /** Must judge the addresses it connects to. */
  readonly dispatcher: Dispatcher;
  readonly rules: UrlRules;
  readonly maxBytes: number;
  /** The deadline of all of it. */
  readonly signal: AbortSignal;
}

/** What one try gave. */
export type FetchedPicture = { readonly bytes: Uint8Array } | FetchFailure;

/** Why a try gave no picture. */
export interface FetchFailure {
  readonly outcome: Exclude<ImageOutcome, 'ok'>;
  /** A later try may succeed. */
  readonly transient?: boolean;
  /** The host itself could not be reached, whatever the URL. */
  readonly unreachable?: boolean;
  /** How long the server asks to wait, milliseconds. */
  readonly retryAfterMs?: number;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** No cookies, no referer, nothing about the post: the same words for every host. */
const HEADERS = {
  accept: 'image/jpeg,image/png,image/webp,image/gif',
  'accept-encoding': 'identity',
  'user-agent': 'grapevine',
};

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Asks once for a picture, following redirects by hand so that each target passes the whole check. Never throws. */
export async function fetchPicture(start: URL, options: FetchOptions): Promise<FetchedPicture> {
  let url = start;
  let hops = 0;
  try {
    for (;;) {
      const response = await request(url, {
        dispatcher: options.dispatcher,
        headers: HEADERS,
        signal: options.signal,
      });
      // Giving a body up makes it emit an error, which nobody else would be there to hear.
      response.body.on('error', () => {});
      if (!REDIRECTS.has(response.statusCode)) return await readPicture(response, options.maxBytes);
      response.body.destroy();
      if (hops === MAX_REDIRECTS) return { outcome: 'too_many_redirects' };
      const next = redirectTarget(response, url, options.rules);
      if ('outcome' in next) return next;
      url = next.url;
      hops++;
    }
  } catch (error) {
    return failureOf(error, hops > 0, options.signal);
  }
}

function redirectTarget(
  response: Dispatcher.ResponseData,
  from: URL,
  rules: UrlRules,
): { readonly url: URL } | FetchFailure {
  const { location } = response.headers;
  if (typeof location !== 'string') return { outcome: 'blocked_redirect' };
  const next = checkWebUrl(location, rules, from);
  if ('outcome' in next) return { outcome: 'blocked_redirect' };
  if (from.protocol === 'https:' && next.url.protocol === 'http:') return { outcome: 'insecure_redirect' };
  return next;
}

async function readPicture(response: Dispatcher.ResponseData, maxBytes: number): Promise<FetchedPicture> {
  const refused = refusalOf(response, maxBytes);
  if (refused) {
    response.body.destroy();
    return refused;
  }
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    total += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (total > maxBytes) return { outcome: 'too_large' };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

/** What status line and headers already rule out. */
function refusalOf({ statusCode, headers }: Dispatcher.ResponseData, maxBytes: number): FetchFailure | undefined {
  if (statusCode === 429) return { outcome: 'http_4xx', transient: true, ...retryAfter(headers['retry-after']) };
  if (statusCode >= 500) return { outcome: 'http_5xx', transient: true, ...retryAfter(headers['retry-after']) };
  if (statusCode >= 400) return { outcome: 'http_4xx' };
  if (statusCode >= 300) return { outcome: 'blocked_redirect' };
  const encoding = headers['content-encoding'] ?? '';
  if (encoding !== '' && String(encoding).toLowerCase() !== 'identity') return { outcome: 'content_encoding' };
  if (Number(headers['content-length'] ?? 0) > maxBytes) return { outcome: 'too_large' };
  return undefined;
}

function retryAfter(header: string | string[] | undefined): { readonly retryAfterMs?: number } {
  if (typeof header !== 'string') return {};
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, ms) } : {};
}

function failureOf(error: unknown, redirected: boolean, signal: AbortSignal): FetchFailure {
  if (error instanceof BlockedAddressError) return { outcome: redirected ? 'blocked_redirect' : 'blocked_address' };
  const code = String((error as { readonly code?: unknown } | null)?.code ?? '');
  const outcome = signal.aborted || TIMEOUTS.has(code) ? 'timeout' : 'network';
  return { outcome, transient: true, unreachable: !redirected && UNREACHABLE.has(code) };
}
