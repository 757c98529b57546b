import { ConnectionError, type DisconnectReason } from './live-connection.ts';

/** What a server answered instead of a stream. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The beginning of its body. */
  readonly body: string;
}

/** Most bytes read of the body of a refusal. */
const ANSWER_BYTES = 4096;
const MESSAGE_LENGTH = 300;

/** A refusal as what it means for the next connection. */
export function connectionErrorOf(endpoint: string, answer: Answer, now = Date.now()): ConnectionError {
  const { status } = answer;
  const why = explanationOf(answer.body);
  const message = `connecting to ${endpoint}: the server answered ${status}${why === '' ? '' : ` (${why})`}`;
  const waitMs = waitOf(answer, now);
  return new ConnectionError(reasonOf(status), message, waitMs === undefined ? {} : { waitMs });
}

function reasonOf(status: number): DisconnectReason {
  if (status === 429) return 'rate_limited';
  if (status >= 500 || status === 408) return 'http';
  return 'refused';
}

/** How long the server asks to wait: `Retry-After`, or the time at which a used-up limit begins anew. */
function waitOf({ status, headers }: Answer, now: number): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const after = headers['retry-after'];
  if (typeof after === 'string') {
    const ms = /^\d{1,9}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
    if (!Number.isNaN(ms)) return Math.max(ms, 0);
  }
  const reset = headers['x-ratelimit-reset'] ?? headers['x-rate-limit-reset'];
  if (status !== 429 || typeof reset !== 'string') return undefined;
  // X gives seconds since 1970, Mastodon a date.
  const ms = /^\d{1,12}$/.test(reset) ? Number(reset) * 1000 - now : Date.parse(reset) - now;
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

/** What the body says for people: X and Mastodon explain themselves in JSON. */
function explanationOf(body: string): string {
  let text = body;
  try {
    const { detail, title, error, message } = JSON.parse(body) as Record<string, unknown>;
    text = [title, detail, error, message].filter((part) => typeof part === 'string').join(': ');
  } catch {
    // A body that is no JSON is shown as it is.
  }
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MESSAGE_LENGTH);
}

/** The first bytes of a body; the rest is not waited for. @default 4096 bytes */
export async function beginningOf(body: AsyncIterable<Buffer>, limit = ANSWER_BYTES): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of body) {
      parts.push(part);
      length += part.length;
      if (length >= limit) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(parts).subarray(0, limit).toString();
}
