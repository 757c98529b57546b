import { hash } from 'node:crypto';
import { postNodeId } from '../../domain/ids.ts';
import type { Post } from '../../domain/post.ts';

const RETWEET = /^\s*RT\s+@[\w.@-]+:?\s*/iu;
const URLS = /(?:https?:\/\/|www\.)\S+/giu;
const HANDLES = /(?<![\p{L}\p{N}])@[\p{L}\p{N}_.-]+(?:@[\p{L}\p{N}.-]+)?/gu;
const APOSTROPHES = /['’ʼ]/gu;
const WORDS = /[\p{L}\p{N}\p{M}]+/gu;

/** Shorter texts are too likely to be alike by chance to count as copies. */
const LEAST_WORDS = 5;

/** Key of the source that is exactly this post. */
export function postSourceKey(postId: string): string {
  return `post:${postId}`;
}

/** Graph id of the post a source key names, undefined for a key made from a text. */
export function postOfSourceKey(key: string): string | undefined {
  return key.startsWith('post:') ? key.slice('post:'.length) : undefined;
}

/**
 * Where a post's content comes from: posts with one key are copies of one source.
 *
 * A repost has its root post's key; other posts that of their words, without URLs, handles, RT prefix, case and
 * punctuation; posts of fewer than five words stand for themselves.
 */
export function sourceKey(post: Pick<Post, 'platform' | 'id' | 'text' | 'repostOf'>): string {
  if (post.repostOf) return postSourceKey(postNodeId(post.platform, post.repostOf));
  const bare = post.text.normalize('NFKC').replace(RETWEET, '').replace(URLS, ' ').replace(HANDLES, ' ');
  const words = bare.replace(APOSTROPHES, '').toLowerCase().match(WORDS) ?? [];
  if (words.length < LEAST_WORDS) return postSourceKey(postNodeId(post.platform, post.id));
  return `text:${hash('sha256', words.join(' '), 'hex').slice(0, 32)}`;
}
