import type { StoredMention } from '../../domain/graph.ts';
import type { ApiContext } from '../context.ts';

/** Resolvers of a mention. */
export const mentionResolvers = {
  confidence: (mention: StoredMention) => mention.p,
  entity: (mention: StoredMention, _: unknown, { loaders }: ApiContext) => loaders.entities.load(mention.entityId),
  post: (mention: StoredMention, _: unknown, { loaders }: ApiContext) => loaders.posts.load(mention.postId),
};
