import { readBlueskyEmbed } from './bluesky-embed.ts';
import { readBlueskyFacets } from './bluesky-facets.ts';
import { linkFields, pictureFields } from './post-parts.ts';
import { type JsonObject, listAt, textAt, valueAt } from './values.ts';

/** How far an author's clock may be ahead of the server's, milliseconds. */
const CLOCK_AHEAD_MS = 300_000;

/** The content of a post record, unchecked. */
export function readBlueskyPost(did: string, rkey: string, record: JsonObject, timeUs: number): JsonObject {
  const text = valueAt(record, 'text');
  const embed = readBlueskyEmbed(did, valueAt(record, 'embed'));
  const created = createdAt(record, timeUs);
  const languages = listAt(record, 3, 'langs').filter((item) => typeof item === 'string');
  const flags = [...created.flags, ...(embed.missing ? ['media_missing'] : [])];
  return {
    text,
    createdAt: created.at,
    // A post in several languages is in none of them by itself.
    lang: languages.length === 1 ? languages[0] : undefined,
    url: `https://bsky.app/profile/${did}/post/${rkey}`,
    replyTo: textAt(record, 'reply', 'parent', 'uri'),
    quoteOf: embed.quoteOf,
    sensitive: listAt(record, 20, 'labels', 'values').some((label) => textAt(label, 'val')) ? true : undefined,
    flags: flags.length > 0 ? flags : undefined,
    ...pictureFields(embed.pictures),
    ...linkFields(typeof text === 'string' ? readBlueskyFacets(text, valueAt(record, 'facets')) : [], {
      urls: [embed.link],
      hashtags: listAt(record, 50, 'tags').map((tag) => (typeof tag === 'string' ? tag : undefined)),
    }),
  };
}

/** The content of a repost record, unchecked: it names the post it repeats and has no words of its own. */
export function readBlueskyRepost(record: JsonObject, timeUs: number): JsonObject {
  const { at, flags } = createdAt(record, timeUs);
  return {
    text: '',
    createdAt: at,
    // A repost of nothing must be refused.
    repostOf: textAt(record, 'subject', 'uri') ?? '',
    flags: flags.length > 0 ? flags : undefined,
  };
}

/** Authors declare the time themselves: one in the future is replaced by when the server saw the record. */
function createdAt(record: JsonObject, timeUs: number): { at: unknown; flags: string[] } {
  const declared = valueAt(record, 'createdAt');
  const seenMs = Math.floor(timeUs / 1000);
  const ahead = typeof declared === 'string' && Date.parse(declared) > seenMs + CLOCK_AHEAD_MS;
  return ahead ? { at: new Date(seenMs).toISOString(), flags: ['bad_created_at'] } : { at: declared, flags: [] };
}
