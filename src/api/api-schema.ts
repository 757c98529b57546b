import { readFileSync } from 'node:fs';
import { createSchema } from 'graphql-yoga';
import type { ApiContext } from './context.ts';
import { filterValue } from './filter-value.ts';
import { alertDeliveryResolvers, alertResolvers } from './resolvers/alerts/alert.ts';
import {
  alertEventKinds,
  alertKinds,
  alertNoveltyOfs,
  alertRuleOrigins,
  alertRuleParts,
  alertSeverities,
  alertSpikeMethods,
  alertTriggers,
  deliveryStates,
} from './resolvers/alerts/alert-enums.ts';
import { alertEventResolvers } from './resolvers/alerts/alert-fired.ts';
import { alertRuleResolvers } from './resolvers/alerts/alert-rule.ts';
import { silenceResolvers } from './resolvers/alerts/silence.ts';
import {
  alertRuleTestResolvers,
  judgedEventResolvers,
  testedAlertResolvers,
} from './resolvers/alerts/test-alert-rule.ts';
import { decidedEntityResolvers, decisionKinds, decisionResolvers } from './resolvers/decision.ts';
import { entityResolvers, suggestionKinds } from './resolvers/entity.ts';
import { evidenceResolvers } from './resolvers/evidence.ts';
import { factResolvers } from './resolvers/fact.ts';
import { mentionResolvers } from './resolvers/mention.ts';
import { alertRuleMutations, deliveryMutations, silenceMutations } from './resolvers/mutations/alerts.ts';
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
      Alert: alertResolvers,
      AlertDelivery: alertDeliveryResolvers,
      AlertEvent: alertEventResolvers,
      AlertEventKind: alertEventKinds,
      AlertKind: alertKinds,
      AlertNoveltyOf: alertNoveltyOfs,
      AlertSpikeMethod: alertSpikeMethods,
      AlertRule: alertRuleResolvers,
      AlertRuleOrigin: alertRuleOrigins,
      AlertRulePart: alertRuleParts,
      AlertRuleTest: alertRuleTestResolvers,
      AlertSeverity: alertSeverities,
      AlertSilence: silenceResolvers,
      AlertTrigger: alertTriggers,
      AcceptSuggestionPayload: { entity: entityPayloadResolvers.entity },
      DecidedEntity: decidedEntityResolvers,
      Decision: decisionResolvers,
      DecisionKind: decisionKinds,
      DeliveryState: deliveryStates,
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
      JudgedEvent: judgedEventResolvers,
      Mention: mentionResolvers,
      MergeEntitiesPayload: { entity: entityPayloadResolvers.entity },
      Mutation: {
        ...postMutations,
        ...decisionMutations,
        ...alertRuleMutations,
        ...silenceMutations,
        ...deliveryMutations,
        ...adminMutations,
      },
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
      TestedAlert: testedAlertResolvers,
      Trending: trendingResolvers,
      TrendingEntity: trendingEntityResolvers,
      SuggestionKind: suggestionKinds,
    },
  });
}
