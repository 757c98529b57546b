import { type Dispatcher, request } from 'undici';
import { compareVersions } from '../../domain/version.ts';
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

/**
 * Statuses of some streams after an id, oldest first over all of them: whoever has one has had every older one, so the
 * last one is where to go on.
 */
export async function* fetchMissedStatuses(
  api: MastodonApi,
  streams: readonly MastodonStream[],
  since: string,
): AsyncGenerator<unknown> {
  const timelines = streams.map((stream) => fetchTimeline(api, stream, since));
  const heads = await Promise.all(timelines.map((timeline) => timeline.next()));
  for (;;) {
    const open = heads.flatMap(({ done, value }, index) => (done ? [] : [{ index, value: value as Status }]));
    const [first] = open.toSorted((a, b) => compareVersions(a.value.id, b.value.id));
    if (!first) return;
    yield first.value.status;
    // One status may be in several streams.
    for (const { index, value } of open) {
      if (value.id === first.value.id) heads[index] = await (timelines[index] as AsyncGenerator<Status>).next();
    }
  }
}

interface Status {
  readonly id: string;
  readonly status: unknown;
}

/** Statuses of one stream after an id, oldest first. */
async function* fetchTimeline(api: MastodonApi, stream: MastodonStream, since: string): AsyncGenerator<Status> {
  let last = since;
  for (;;) {
    const answer = await ask(api, timelineOf(stream, last));
    // The page that follows the id comes newest first.
    const page = (Array.isArray(answer) ? (answer as unknown[]) : []).slice(0, PAGE).toReversed();
    const statuses = page.flatMap((status) => {
      const id = textAt(status, 'id');
      return id === undefined ? [] : [{ id, status }];
    });
    yield* statuses;
    const newest = statuses.at(-1)?.id;
    if (page.length < PAGE || newest === undefined || compareVersions(newest, last) <= 0) return;
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
