import { Agent } from 'undici';
import { readHttpLines } from './http-lines.ts';
import type { ConnectionRun, LiveConnection } from './live-connection.ts';
import { applyXRules, type XRule } from './x-rules.ts';

/** What the connection to X works with. */
export interface XConnectionOptions {
  /** The filtered stream, or a compliance stream. */
  readonly url: string;
  readonly token: string;
  /** The rules the filtered stream is to have; undefined leaves those it has. */
  readonly rules?: readonly XRule[];
  /** Longest gap that X is asked to fill, minutes; 0 for none. */
  readonly backfillMinutes: number;
  readonly silenceMs: number;
  readonly maxFrameBytes: number;
}

/** What is asked for of each post. */
const FIELDS = {
  expansions: 'attachments.media_keys,author_id,referenced_tweets.id,referenced_tweets.id.attachments.media_keys',
  'tweet.fields':
    'attachments,author_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,possibly_sensitive,referenced_tweets,withheld',
  'media.fields': 'alt_text,height,media_key,preview_image_url,type,url,width',
  'user.fields': 'id,name,username',
};

/** The filtered stream of X. It has no cursors: a gap is filled, where X allows it, by the time it lasted. */
export class XConnection implements LiveConnection {
  readonly name = 'x';
  readonly endpoint: string;
  readonly cursors = 'clock';
  readonly #options: XConnectionOptions;
  readonly #agent = new Agent();
  #rulesApplied = false;

  constructor(options: XConnectionOptions) {
    this.#options = options;
    const { origin, pathname } = new URL(options.url);
    this.endpoint = `${origin}${pathname}`;
  }

  async run(run: ConnectionRun): Promise<void> {
    const { url, token, rules, silenceMs, maxFrameBytes } = this.#options;
    const common = { token, dispatcher: this.#agent, silenceMs };
    if (rules && !this.#rulesApplied) {
      await applyXRules({ ...common, endpoint: `${this.endpoint}/rules`, rules, signal: run.signal });
      this.#rulesApplied = true;
    }
    await readHttpLines(
      {
        ...common,
        url: this.#addressOf(url, run.cursor),
        endpoint: this.endpoint,
        headers: { authorization: `Bearer ${token}` },
        maxLineBytes: maxFrameBytes,
      },
      run,
    );
  }

  rewind(cursor: string, ms: number): string {
    return String(Math.max(Number(cursor) - ms, 0));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.destroy();
  }

  #addressOf(address: string, cursor: string | undefined): string {
    const url = new URL(address);
    if (this.endpoint.endsWith('/tweets/search/stream')) {
      for (const [name, value] of Object.entries(FIELDS)) url.searchParams.set(name, value);
    }
    const { backfillMinutes } = this.#options;
    const missed = cursor === undefined ? 0 : Math.ceil((Date.now() - Number(cursor)) / 60_000);
    if (backfillMinutes > 0 && missed > 0) {
      url.searchParams.set('backfill_minutes', String(Math.min(missed, backfillMinutes)));
    }
    return url.href;
  }
}
