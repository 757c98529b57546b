import { linkFields, pictureFields } from './post-parts.ts';
import { type JsonObject, listAt, objectAt, textAt, valueAt } from './values.ts';
import { readXEntities } from './x-entities.ts';
import { readXPictures } from './x-pictures.ts';

const MAX_VERSIONS = 50;

/** The ids of a post: of its first version, under which it is known, and of all it lists. */
export function postIds(tweet: unknown): { root: string; version: number; all: readonly string[] } {
  const id = textAt(tweet, 'id') ?? '';
  const history = listAt(tweet, MAX_VERSIONS, 'edit_history_tweet_ids').filter((item) => typeof item === 'string');
  const version = history.indexOf(id);
  if (version < 0) return { root: id, version: 0, all: [id] };
  return { root: history[0] as string, version, all: history };
}

/** A post of a frame as a record of the native format, unchecked. */
export function readTweet(frame: unknown, tweet: JsonObject): JsonObject {
  const { root, version } = postIds(tweet);
  const reposted = referenced(tweet, 'retweeted');
  // A repost's own text is cut; the post it repeats comes along whole.
  const content = (reposted === undefined ? undefined : included(frame, reposted)) ?? tweet;
  const note = objectAt(content, 'note_tweet');
  const entities = readXEntities(
    textAt(note, 'text') ?? textAt(content, 'text') ?? '',
    note ? valueAt(note, 'entities') : valueAt(content, 'entities'),
  );
  const pictures = readXPictures(frame, content);
  const cut = reposted !== undefined && content === tweet;
  const flags = [...(cut ? ['repost_cut'] : []), ...(pictures.missing ? ['media_missing'] : [])];
  return {
    platform: 'x',
    // An id that is missing or a number must be refused, not made up.
    id: root === '' ? valueAt(tweet, 'id') : root,
    version: String(version),
    text: valueAt(content, 'text') === undefined && !note ? undefined : entities.text,
    author: authorOf(frame, tweet),
    createdAt: valueAt(tweet, 'created_at'),
    lang: textAt(tweet, 'lang'),
    url: urlOf(frame, tweet),
    repostOf: rootOf(frame, reposted),
    replyTo: rootOf(frame, referenced(tweet, 'replied_to')),
    quoteOf: rootOf(frame, referenced(tweet, 'quoted')),
    sensitive: valueAt(tweet, 'possibly_sensitive') === true ? true : undefined,
    flags: flags.length > 0 ? flags : undefined,
    ...pictureFields(pictures.pictures),
    ...linkFields(entities.facets, entities.others),
  };
}

/** Where a post says that it is withheld in some countries, that as an event; unchecked. */
export function readWithheld(tweet: JsonObject): JsonObject | undefined {
  const countries = listAt(tweet, 300, 'withheld', 'country_codes').filter((item) => typeof item === 'string');
  if (countries.length === 0) return undefined;
  const author = textAt(tweet, 'author_id');
  const { root } = postIds(tweet);
  return {
    event: 'post.withheld',
    platform: 'x',
    id: root,
    author: author && { id: author },
    countries,
    at: valueAt(tweet, 'created_at'),
  };
}

function authorOf(frame: unknown, tweet: JsonObject): JsonObject | undefined {
  const id = textAt(tweet, 'author_id');
  const user = listAt(frame, 500, 'includes', 'users').find((item) => textAt(item, 'id') === id);
  return id === undefined ? undefined : { id, handle: textAt(user, 'username'), name: textAt(user, 'name') };
}

function urlOf(frame: unknown, tweet: JsonObject): string | undefined {
  const id = textAt(tweet, 'id');
  const handle = textAt(authorOf(frame, tweet), 'handle');
  if (!id || !/^\d{1,25}$/.test(id)) return undefined;
  return `https://x.com/${handle && /^\w{1,32}$/.test(handle) ? handle : 'i'}/status/${id}`;
}

function referenced(tweet: JsonObject, type: string): string | undefined {
  const list = listAt(tweet, 20, 'referenced_tweets');
  return textAt(
    list.find((item) => textAt(item, 'type') === type),
    'id',
  );
}

function included(frame: unknown, id: string): JsonObject | undefined {
  return objectAt(listAt(frame, 200, 'includes', 'tweets').find((item) => textAt(item, 'id') === id));
}

/** The id a post is known by: of its first version, where the frame brings the post along. */
function rootOf(frame: unknown, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const tweet = included(frame, id);
  return tweet ? postIds(tweet).root : id;
}
