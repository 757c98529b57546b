import type { ACCOUNT_EVENTS } from '../../domain/source-event.ts';
import type { FrameContent } from './frame.ts';
import type { PostOwners } from './post-owners.ts';
import { type JsonObject, listAt, objectAt, textAt, valueAt } from './values.ts';

/** Compliance events of accounts and what they are called here. */
const ACCOUNTS: Readonly<Record<string, (typeof ACCOUNT_EVENTS)[number]>> = {
  user_delete: 'account.deleted',
  user_undelete: 'account.undeleted',
  user_protect: 'account.protected',
  user_unprotect: 'account.unprotected',
  user_suspend: 'account.suspended',
  user_unsuspend: 'account.unsuspended',
  user_withheld: 'account.withheld',
};

const POSTS = { withheld: 'post.withheld', drop: 'post.dropped', undrop: 'post.undropped' } as const;

/** Events that change nothing about what may be shown. */
const IGNORED: Readonly<Record<string, string>> = {
  user_profile_modification: 'profile_modification',
  scrub_geo: 'scrub_geo',
};

/** A compliance event as an unchecked record of the native format; undefined when the data is none. */
export function readCompliance(
  data: JsonObject,
  owners: PostOwners,
): { readonly raw: JsonObject } | FrameContent | undefined {
  for (const name of Object.keys(data)) {
    const event = objectAt(data, name);
    if (!event) continue;
    const ignored = Object.hasOwn(IGNORED, name) ? IGNORED[name] : undefined;
    if (ignored) return { ignored };
    if (Object.hasOwn(ACCOUNTS, name)) return { raw: accountEvent(ACCOUNTS[name] as string, event) };
    if (name === 'delete') return { raw: deletion(event, owners) };
    if (name === 'tweet_edit') return { raw: edit(event) };
    if (name in POSTS && Object.hasOwn(POSTS, name))
      return { raw: postEvent(POSTS[name as keyof typeof POSTS], event, owners) };
  }
  return undefined;
}

function accountEvent(name: string, event: JsonObject): JsonObject {
  return { event: name, platform: 'x', author: { id: valueAt(event, 'user', 'id') }, ...circumstances(event) };
}

function postEvent(name: string, event: JsonObject, owners: PostOwners): JsonObject {
  return { event: name, platform: 'x', ...postOf(event, owners), ...circumstances(event) };
}

/** One deletion comes for the post and one more for each quote of it: all say that the post is gone, with every version. */
function deletion(event: JsonObject, owners: PostOwners): JsonObject {
  return { platform: 'x', deleted: true, ...postOf(event, owners) };
}

function edit(event: JsonObject): JsonObject {
  const versions = listAt(event, 50, 'edit_tweet_ids');
  const author = textAt(event, 'tweet', 'author_id');
  return {
    event: 'post.edited',
    platform: 'x',
    id: valueAt(event, 'initial_tweet_id') ?? valueAt(event, 'tweet', 'id'),
    author: author && { id: author },
    version: String(Math.max(versions.length - 1, 0)),
    ...circumstances(event),
  };
}

function postOf(event: JsonObject, owners: PostOwners): JsonObject {
  const id = valueAt(event, 'tweet', 'id');
  const owner = typeof id === 'string' ? owners.find(id) : undefined;
  const author = textAt(event, 'tweet', 'author_id') ?? owner?.author;
  return { id: owner?.post ?? id, author: author === undefined ? undefined : { id: author } };
}

function circumstances(event: JsonObject): JsonObject {
  const countries = listAt(event, 300, 'withheld_in_countries').filter((item) => typeof item === 'string');
  return { at: valueAt(event, 'event_at'), countries: countries.length > 0 ? countries : undefined };
}
