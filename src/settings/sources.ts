import { z } from 'zod';
import { address, count } from './kinds.ts';

/** Live sources. */
export const sourcesSettings = {
  BLUESKY_URL: address('wss://jetstream2.us-east.bsky.network/subscribe', ['wss', 'ws']).describe(
    'Jetstream of Bluesky, version 1 (/subscribe) or 2 (…/network.bsky.jetstream.subscribeEvents).',
  ),
  BLUESKY_COLLECTIONS: z
    .string()
    .default('app.bsky.feed.post')
    .describe('Record collections asked of Jetstream, separated by commas; app.bsky.feed.repost adds reposts.'),
  X_STREAM_URL: address('https://api.x.com/2/tweets/search/stream', ['https', 'http']).describe(
    'Stream of X; a compliance stream is read as well.',
  ),
  X_BEARER_TOKEN: z.string().default('').describe('App-only bearer token for X.').meta({ secret: true }),
  X_RULES_FILE: z
    .string()
    .optional()
    .describe(
      'File with the rules of the filtered stream, one a line; without it those that X has are left as they are.',
    ),
  X_BACKFILL_MINUTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe('Longest gap that X is asked to fill after a reconnect, minutes; needs access that allows it.'),
  MASTODON_URL: address('https://mastodon.social', ['https', 'http']).describe(
    'Mastodon server: the one connected to, and the one whose ids a file of its frames has.',
  ),
  MASTODON_ACCESS_TOKEN: z
    .string()
    .default('')
    .describe('User token for Mastodon, read:statuses.')
    .meta({ secret: true }),
  MASTODON_STREAM: z
    .enum(['public', 'public:local', 'public:remote', 'public:media', 'public:local:media', 'public:remote:media'])
    .default('public')
    .describe('Timeline of Mastodon that is followed when no hashtags are.'),
  MASTODON_HASHTAGS: z.string().default('').describe('Hashtags followed on Mastodon, separated by commas, at most 20.'),
  SOURCE_STATE_DIR: z
    .string()
    .default('.grapevine')
    .describe('Folder in which a live source keeps its cursor; one source of a kind for each folder.'),
  SOURCE_SILENCE_MS: count(30_000, 100).describe(
    'Time without a sign of life after which a live source connects again, milliseconds; X sends one every 20 s.',
  ),
  SOURCE_OWNERS: count(100_000).describe('Posts whose author a live source remembers, for deletions that name none.'),
};
