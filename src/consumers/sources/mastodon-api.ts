import { type Dispatcher, request } from 'undici';
import { textAt } from '../formats/values.ts';
import { beginningOf, connectionErrorOf } from './answers.ts';
import { connectionFault } from './http-lines.ts';
import { ConnectionError } from './live-connection.ts';

/** A Mastodon server that is asked. */
export interface MastodonApi {
  /** Origin of its address. */
  readonly base: string;
  readonly token: string;
  readonly dispatcher: Dispatcher;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** A stream to subscribe to: a public timeline, or a hashtag. */
export interface MastodonStream {
  readonly stream: string;
  readonly tag?: string;
}

const PAGE = 40;
/** A gap of more posts than this is filled from its beginning, and the rest is left. */
const MAX_PAGES = 100;
const ANSWER_LIMIT = 8 << 20;

/** Where a server streams: what it says itself, else its own address. */
export async function fetchStreamingUrl(api: MastodonApi): Promise<string> {
  const own = api.base.replace(/^http/, 'ws');
  const told = textAt(await ask(api, '/api/v2/instance', [404]), 'configuration', 'urls', 'streaming');
  if (told === undefined || !URL.canParse(told)) return own;
  const { protocol, origin, host } = new URL(told);
  // The token goes there: in clear only where it does so already.
  const safe = protocol === 'wss:' || (protocol === 'ws:' && own.startsWith('ws:'));
  return safe && origin !== 'null' ? `${protocol}//${host}` : own;
}

/** Statuses of a stream after an id, oldest first. */
export async function* fetchMissedStatuses(
  api: MastodonApi,
  stream: MastodonStream,
  since: string,
): AsyncGenerator<unknown> {
  let last = since;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await ask(api, timelineOf(stream, last));
    if (!Array.isArray(answer)) return;
    // The page that follows the id comes newest first.
    const statuses = answer.slice(0, PAGE).toReversed();
    for (const status of statuses) yield status;
    const newest = textAt(statuses.at(-1), 'id');
    if (statuses.length < PAGE || newest === undefined || newest === last) return;
    last = newest;
  }
}

function timelineOf({ stream, tag }: MastodonStream, since: string): string {
  const query = new URLSearchParams({ min_id: since, limit: String(PAGE) });
  const [, ...parts] = stream.split(':');
  if (parts.includes('local')) query.set('local', 'true');
  if (parts.includes('remote')) query.set('remote', 'true');
  if (parts.includes('media')) query.set('only_media', 'true');
  const timeline = tag === undefined ? 'public' : `tag/${encodeURIComponent(tag)}`;
  return `/api/v1/timelines/${timeline}?${query}`;
}

/** The JSON a path answers; undefined for the statuses in `absent`. */
async function ask(api: MastodonApi, path: string, absent: readonly number[] = []): Promise<unknown> {
  const { base, token, dispatcher, silenceMs, signal } = api;
  const endpoint = `${base}${path.split('?')[0]}`;
  try {
    const { statusCode, headers, body } = await request(`${base}${path}`, {
      headers: { 'user-agent': 'grapevine', ...(token !== '' && { authorization: `Bearer ${token}` }) },
      dispatcher,
      signal,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
    });
    const text = await beginningOf(body, ANSWER_LIMIT);
    if (absent.includes(statusCode)) return undefined;
    if (statusCode !== 200)
      throw connectionErrorOf(endpoint, { status: statusCode, headers, body: text.slice(0, 4096) });
    return parse(endpoint, text);
  } catch (error) {
    throw signal.aborted ? error : connectionFault(endpoint, error, silenceMs);
  }
}

function parse(endpoint: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConnectionError('http', `reading ${endpoint}: the answer is no JSON`);
  }
}
