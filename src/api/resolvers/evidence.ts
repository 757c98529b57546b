import type { Evidence } from '../../domain/graph.ts';
import type { ApiContext } from '../context.ts';

/** Resolvers of a piece of evidence. */
export const evidenceResolvers = {
  confidence: (evidence: Evidence) => evidence.p,
  post: (evidence: Evidence, _: unknown, { loaders }: ApiContext) => loaders.posts.load(evidence.postId),
  head: (evidence: Evidence, _: unknown, { loaders }: ApiContext) => loaders.mentions.load(evidence.headMentionId),
  tail: (evidence: Evidence, _: unknown, { loaders }: ApiContext) => loaders.mentions.load(evidence.tailMentionId),
};
