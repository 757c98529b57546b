import type { StoredPost } from '../../domain/graph.ts';
import type { ApiContext } from '../context.ts';
import { isoTime } from '../iso-time.ts';

/** Resolvers of a post. */
export const postResolvers = {
  createdAt: (post: StoredPost) => isoTime(post.eventMs),
  pictures: (post: StoredPost) => post.images,
  mentions: (post: StoredPost, _: unknown, { loaders }: ApiContext) => loaders.mentionsOfPost.load(post.id),
};
