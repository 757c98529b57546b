import type { Author } from './author.ts';
import type { SourceEvent } from './source-event.ts';

/** A place in a post's text that stands for something. */
export interface Facet {
  /** First UTF-16 code unit in the text. */
  readonly start: number;
  /** One past the last code unit. */
  readonly end: number;
  readonly kind: 'url' | 'hashtag' | 'mention';
  /** The link's target, the tag without its sign, or the account as the source names it. */
  readonly value: string;
}

/** A social post in the native format, validated and with its defaults filled in. */
export interface Post {
  /** The input's id, unchanged. Unique within its platform. */
  readonly id: string;
  readonly platform: string;
  /** Text as published; every offset in Grapevine counts UTF-16 code units of this string. */
  readonly text: string;
  readonly author: Author;
  /** ISO 8601 instant, UTC. */
  readonly createdAt: string;
  /** Digits only, compared as an integer; '0' when the source has none. */
  readonly version: string;
  /** http(s) URLs or paths relative to the image root, in the post's order. */
  readonly images: readonly string[];
  /** Alternative texts, one for each picture, where the source has them. */
  readonly alt?: readonly string[];
  /** BCP 47 tag the source gave. */
  readonly lang?: string;
  readonly url?: string;
  /** Id of the root post this one repeats. */
  readonly repostOf?: string;
  readonly replyTo?: string;
  readonly quoteOf?: string;
  /** Targets of the links it holds, shortened ones expanded where the source does so. */
  readonly urls?: readonly string[];
  readonly hashtags?: readonly string[];
  /** Accounts it names, as the source names them. */
  readonly mentions?: readonly string[];
  /** Where links, tags and mentions stand in the text, in its order. */
  readonly facets?: readonly Facet[];
  /** True where its author or platform marked it as sensitive. */
  readonly sensitive?: boolean;
  /** Marks about the input that was repaired: `bad_created_at`, `text_truncated`, … */
  readonly flags?: readonly string[];
  readonly deleted?: false;
  readonly event?: never;
}

/** Says that a post is gone. It acts on every version up to its own, or on all when it names none. */
export interface Tombstone {
  readonly id: string;
  readonly platform: string;
  readonly author?: Author;
  readonly version?: string;
  readonly deleted: true;
  readonly event?: never;
}

/** What a source can say about a post's content: that it exists in some version, or that it is gone. */
export type PostContent = Post | Tombstone;

/** One record of the native format: a post, a deletion, or an event about a post or an account. */
export type PostRecord = PostContent | SourceEvent;

/** The key a post is found by everywhere: the platform and the platform's own id. */
export function postKey(post: { readonly platform: string; readonly id: string }): string {
  return `${post.platform}:${post.id}`;
}

/** The key that orders a stream: records with one key act in stream order, others in parallel. */
export function orderKey(record: PostRecord): string {
  const { platform } = record;
  if (record.id === undefined) return `author:${platform}:${record.author.id}`;
  return record.author ? `author:${platform}:${record.author.id}` : `post:${postKey(record)}`;
}

/** The key of a record in a log: its author's id as given, or its post's where it names no author. */
export function logKey(record: PostRecord): string {
  return record.id === undefined ? record.author.id : (record.author?.id ?? record.id);
}
