import { readFileSync } from 'node:fs';
import { createSchema } from 'graphql-yoga';
import type { ApiContext } from './context.ts';
import { filterValue } from './filter-value.ts';
import { decidedEntityResolvers, decisionKinds, decisionResolvers } from './resolvers/decision.ts';
import { entityResolvers, suggestionKinds } from './resolvers/entity.ts';
import { evidenceResolvers } from './resolvers/evidence.ts';
import { factResolvers } from './resolvers/fact.ts';
import { mentionResolvers } from './resolvers/mention.ts';
import { decisionMutations, entityPayloadResolvers } from './resolvers/mutations/decisions.ts';
import { adminMutations } from './resolvers/mutations/erase-author.ts';
import {
  postMutations,
  postPreviewResolvers,
  previewMentionResolvers,
  submitPostPayloadResolvers,
} from './resolvers/mutations/posts.ts';
import { nodeResolvers } from './resolvers/node.ts';
import { pathResolvers } from './resolvers/path.ts';
import { pictureResolvers } from './resolvers/picture.ts';
import { postResolvers } from './resolvers/post.ts';
import { queryResolvers } from './resolvers/query.ts';
import { subgraphResolvers } from './resolvers/subgraph.ts';
import {
  entityEventKinds,
  entityEventResolvers,
  eventEntityResolvers,
  factEventKinds,
  factEventResolvers,
  factFeedResolvers,
  subscriptionResolvers,
} from './resolvers/subscription.ts';
import { trendingEntityResolvers, trendingResolvers } from './resolvers/trending.ts';

/** The schema of `schema.graphql` with its resolvers. */
export function createApiSchema() {
  return createSchema<ApiContext>({
    typeDefs: readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'),
    resolvers: {
      AcceptSuggestionPayload: { entity: entityPayloadResolvers.entity },
      DecidedEntity: decidedEntityResolvers,
      Decision: decisionResolvers,
      DecisionKind: decisionKinds,
      Entity: entityResolvers,
      EntityEvent: entityEventResolvers,
      EntityEventKind: entityEventKinds,
      EventEntity: eventEntityResolvers,
      Evidence: evidenceResolvers,
      Fact: factResolvers,
      FactEvent: factEventResolvers,
      FactFeedItem: factFeedResolvers,
      FactEventKind: factEventKinds,
      FilterValue: filterValue,
      Mention: mentionResolvers,
      MergeEntitiesPayload: { entity: entityPayloadResolvers.entity },
      Mutation: { ...postMutations, ...decisionMutations, ...adminMutations },
      Node: nodeResolvers,
      Path: pathResolvers,
      Picture: pictureResolvers,
      Post: postResolvers,
      PostPreview: postPreviewResolvers,
      PreviewMention: previewMentionResolvers,
      Query: queryResolvers,
      SplitEntityPayload: entityPayloadResolvers,
      Subgraph: subgraphResolvers,
      SubmitPostPayload: submitPostPayloadResolvers,
      Subscription: subscriptionResolvers,
      Trending: trendingResolvers,
      TrendingEntity: trendingEntityResolvers,
      SuggestionKind: suggestionKinds,
    },
  });
}
