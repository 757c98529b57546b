import { compileFilter } from '../../domain/filter.ts';
import type { GraphEvent } from '../../domain/graph.ts';
import { confidenceBound } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { decodeEventCursor, encodeEventCursor } from '../event-cursor.ts';
import type { FeedItem } from '../event-feed.ts';
import { type FilterArg, filterGroup } from '../fact-args.ts';
import { isoTime } from '../iso-time.ts';
import { createLoaders } from '../loaders.ts';

interface FactEventsArgs {
  readonly since?: string | null;
  readonly types?: readonly string[] | null;
  readonly minConfidence?: number | null;
  readonly filter?: FilterArg | null;
}

/** Resolvers of subscriptions. */
export const subscriptionResolvers = {
  factEvents: {
    subscribe(_: unknown, args: FactEventsArgs, { feed }: ApiContext) {
      const since = args.since == null ? undefined : decodeEventCursor(args.since);
      return feed.open({ since, accepts: filterOf(args) });
    },
    resolve(item: FeedItem, _: unknown, context: ApiContext) {
      context.loaders = createLoaders(context.reader);
      return item;
    },
  },
};

/** Resolvers of an event. */
export const factEventResolvers = {
  cursor: ({ event }: FeedItem) => encodeEventCursor(event.position),
  kind: ({ event }: FeedItem) => event.kind,
  fact: ({ event }: FeedItem) => event.fact,
  head: ({ event }: FeedItem) => ({ id: event.fact.headId, name: event.headName, type: event.headType }),
  tail: ({ event }: FeedItem) => ({ id: event.fact.tailId, name: event.tailName, type: event.tailType }),
  post: ({ event }: FeedItem, _: unknown, { loaders }: ApiContext) => loaders.posts.load(event.postId),
  movedFrom: ({ event }: FeedItem) => event.movedFrom,
  remains: ({ event }: FeedItem) => event.remains,
  at: ({ event }: FeedItem) => isoTime(event.atMs),
};

/** Resolvers of an end of an event's fact. */
export const eventEntityResolvers = {
  entity: ({ id }: { id: string }, _: unknown, { loaders }: ApiContext) => loaders.entities.load(id),
};

/** How the graph names the kinds of events. */
export const factEventKinds = {
  CREATED: 'fact.created',
  STRENGTHENED: 'fact.strengthened',
  RETRACTED: 'fact.retracted',
  MOVED: 'fact.moved',
} as const;

function filterOf(args: FactEventsArgs): (event: GraphEvent) => boolean {
  const types = args.types && new Set(args.types);
  const bound = confidenceBound(args.minConfidence) ?? 0;
  const filter = args.filter == null ? undefined : compileFilter(filterGroup(args.filter));
  return (event) =>
    (!types || types.has(event.fact.type)) &&
    (event.kind === 'fact.retracted' || event.fact.confidence >= bound) &&
    (!filter || filter.holds(asItStood(event)));
}

/** A fact has no numbers left when it is retracted: it is judged by those it had. */
function asItStood(event: GraphEvent): GraphEvent {
  if (event.kind !== 'fact.retracted' || !event.before) return event;
  return { ...event, fact: { ...event.fact, ...event.before } };
}
