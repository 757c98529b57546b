/** The one who published a post, as the source names them. */
export interface Author {
  /** Id of the account on its platform, unchanged. */
  readonly id: string;
  readonly handle?: string;
  readonly name?: string;
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
  readonly hashtags?: readonly string[];
  readonly mentions?: readonly string[];
  /** Marks about the input that was repaired: `bad_created_at`, `text_truncated`, … */
  readonly flags?: readonly string[];
  readonly deleted?: false;
}

/** Says that a post is gone. It acts on every version up to its own, or on all when it names none. */
export interface Tombstone {
  readonly id: string;
  readonly platform: string;
  readonly author?: Author;
  readonly version?: string;
  readonly deleted: true;
}

/** What a source can say about a post: that it exists in some version, or that it is gone. */
export type PostRecord = Post | Tombstone;

/** The key a post is found by everywhere: the platform and the platform's own id. */
export function postKey(post: Pick<PostRecord, 'platform' | 'id'>): string {
  return `${post.platform}:${post.id}`;
}

/** The key that orders a stream: records with one key act in stream order, others in parallel. */
export function orderKey(post: PostRecord): string {
  return post.author ? `author:${post.platform}:${post.author.id}` : `post:${postKey(post)}`;
}
