import type { Author } from './author.ts';

/**
 * What a platform says about an account. `active` clears every state before it; `un…` clears its own. A state may come
 * and go any number of times; the latest by `at` holds.
 */
export const ACCOUNT_EVENTS = [
  'account.deleted',
  'account.undeleted',
  'account.deactivated',
  'account.suspended',
  'account.unsuspended',
  'account.takendown',
  'account.protected',
  'account.unprotected',
  'account.withheld',
  'account.active',
] as const;

/**
 * What a platform says about one post beside its content. `dropped` hides it until `undropped`; `withheld` hides it in
 * some countries; `edited` says that versions below its own are out of date, wherever the new content comes from.
 */
export const POST_EVENTS = ['post.withheld', 'post.dropped', 'post.undropped', 'post.edited'] as const;

interface SourceEventFields {
  readonly platform: string;
  /** When it happened, ISO 8601 instant, UTC. */
  readonly at: string;
  /** ISO 3166 codes of the countries it holds in, as the source gives them; absent where it holds everywhere. */
  readonly countries?: readonly string[];
  readonly flags?: readonly string[];
  readonly deleted?: never;
}

/** Something that happened to an account: it says how all of the author's posts are to be treated. */
export interface AccountEvent extends SourceEventFields {
  readonly event: (typeof ACCOUNT_EVENTS)[number];
  readonly author: Author;
  readonly id?: never;
}

/** Something that happened to one post without bringing new content. */
export interface PostEvent extends SourceEventFields {
  readonly event: (typeof POST_EVENTS)[number];
  /** Id of the post, as in its posts. */
  readonly id: string;
  readonly author?: Author;
  /** Of `post.edited`: the version that is the newest now. */
  readonly version?: string;
}

/** What a source can say that is no post and no deletion of one. */
export type SourceEvent = AccountEvent | PostEvent;
