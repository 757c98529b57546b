import { compileFilter, type Watchlists } from '../../domain/filter.ts';
import { type EntityEvent, entitiesIn, type FactEvent, type GraphEvent, isFactEvent } from '../../domain/graph.ts';
import { GrapevineError } from '../../errors.ts';
import { MAX_PAGE } from '../../graph/page.ts';
import { confidenceBound } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { decodeEventCursor, encodeEventCursor } from '../event-cursor.ts';
import type { FeedItem, Heartbeat } from '../event-feed.ts';
import { type FilterArg, filterGroup } from '../fact-args.ts';
import { heartbeatMs } from '../heartbeat.ts';
import { isoTime } from '../iso-time.ts';
import { freshLoaders } from '../loaders.ts';
import { alertFired } from './alerts/alert-fired.ts';

interface FactEventsArgs {
  readonly since?: string | null;
  readonly types?: readonly string[] | null;
  readonly minConfidence?: number | null;
  readonly filter?: FilterArg | null;
}

interface FactFeedArgs extends FactEventsArgs {
  readonly heartbeatSeconds?: number | null;
}

interface EntityEventsArgs {
  readonly ids: readonly string[];
  readonly since?: string | null;
  readonly heartbeatSeconds?: number | null;
}

type FactItem = FeedItem<FactEvent>;

/** Resolvers of subscriptions. */
export const subscriptionResolvers = {
  factEvents: {
    subscribe(_: unknown, args: FactEventsArgs, { feed, watchlists }: ApiContext) {
      const since = args.since == null ? undefined : decodeEventCursor(args.since);
      return feed.open({ since, accepts: filterOf(args, watchlists) });
    },
    resolve(item: FeedItem, _: unknown, context: ApiContext) {
      context.loaders = freshLoaders(context);
      return item;
    },
  },

  factFeed: {
    subscribe(_: unknown, args: FactFeedArgs, { feed, watchlists }: ApiContext) {
      const since = args.since == null ? undefined : decodeEventCursor(args.since);
      const silenceMs = heartbeatMs(args.heartbeatSeconds);
      return feed.open({ since, accepts: filterOf(args, watchlists), heartbeatMs: silenceMs });
    },
    resolve(item: FeedItem | Heartbeat, _: unknown, context: ApiContext) {
      context.loaders = freshLoaders(context);
      return item;
    },
  },

  entityEvents: {
    async subscribe(_: unknown, args: EntityEventsArgs, { feed, loaders }: ApiContext) {
      const since = args.since == null ? undefined : decodeEventCursor(args.since);
      const silenceMs = heartbeatMs(args.heartbeatSeconds);
      if (args.ids.length < 1 || args.ids.length > MAX_PAGE) {
        throw bad('watching entities', `got ${args.ids.length} ids; give 1 to ${MAX_PAGE}.`);
      }
      const entities = await Promise.all(args.ids.map((id) => loaders.entities.load(id)));
      const watched = new Set([...args.ids, ...entities.flatMap((entity) => entity?.id ?? [])]);
      const accepts = (event: GraphEvent) => {
        const isWatched = entitiesIn(event).some((id) => watched.has(id));
        // What is watched is watched on in what it becomes part of.
        if (isWatched && event.kind === 'entity.merged' && event.other) watched.add(event.other.id);
        return isWatched;
      };
      return feed.open({ since, accepts, heartbeatMs: silenceMs });
    },
    resolve(item: FeedItem | Heartbeat, _: unknown, context: ApiContext) {
      context.loaders = freshLoaders(context);
      return item;
    },
  },

  alertFired,
};

function bad(doing: string, problem: string): GrapevineError {
  return new GrapevineError('BAD_REQUEST', `${doing}: ${problem}`);
}

/** Resolvers of an event. */
export const factEventResolvers = {
  cursor: ({ event }: FactItem) => encodeEventCursor(event.position),
  kind: ({ event }: FactItem) => event.kind,
  fact: ({ event }: FactItem) => event.fact,
  head: ({ event }: FactItem) => ({ id: event.fact.headId, name: event.headName, type: event.headType }),
  tail: ({ event }: FactItem) => ({ id: event.fact.tailId, name: event.tailName, type: event.tailType }),
  post: postOf,
  movedFrom: ({ event }: FactItem) => event.movedFrom,
  remains: ({ event }: FactItem) => event.remains,
  at: ({ event }: FactItem) => isoTime(event.atMs),
};

/** Resolvers of news of the feed of facts, or of a heartbeat. */
export const factFeedResolvers = {
  cursor: (item: FeedItem | Heartbeat) => cursorOf(item),
  event: (item: FeedItem | Heartbeat) => (item.event ? item : undefined),
  at: (item: FeedItem | Heartbeat) => isoTime(item.event ? item.event.atMs : item.atMs),
};

function cursorOf(item: FeedItem | Heartbeat): string {
  return encodeEventCursor(item.event ? item.event.position : item.position);
}

/** Resolvers of an event about watched entities, or of a heartbeat. */
export const entityEventResolvers = {
  cursor: (item: FeedItem | Heartbeat) => cursorOf(item),
  kind: (item: FeedItem | Heartbeat) => item.event?.kind ?? 'heartbeat',
  event: (item: FeedItem | Heartbeat) => (item.event && isFactEvent(item.event) ? item : undefined),
  entity: (item: FeedItem | Heartbeat) => entityEventOf(item)?.entity,
  other: (item: FeedItem | Heartbeat) => entityEventOf(item)?.other,
  spike: (item: FeedItem | Heartbeat) => entityEventOf(item)?.spike,
  post: (item: FeedItem | Heartbeat, _: unknown, context: ApiContext) =>
    item.event ? postOf(item, _, context) : undefined,
  at: (item: FeedItem | Heartbeat) => isoTime(item.event ? item.event.atMs : item.atMs),
};

/** Resolvers of an entity as an event names it. */
export const eventEntityResolvers = {
  entity: ({ id }: { id: string }, _: unknown, { loaders }: ApiContext) => loaders.entities.load(id),
};

/** How the graph names the kinds of events about facts. */
export const factEventKinds = {
  CREATED: 'fact.created',
  STRENGTHENED: 'fact.strengthened',
  RETRACTED: 'fact.retracted',
  MOVED: 'fact.moved',
} as const;

/** The same of events about entities. */
export const entityEventKinds = {
  FACT_CREATED: 'fact.created',
  FACT_STRENGTHENED: 'fact.strengthened',
  FACT_RETRACTED: 'fact.retracted',
  FACT_MOVED: 'fact.moved',
  ENTITY_CREATED: 'entity.created',
  ENTITY_MENTIONED: 'entity.mentioned',
  PAIR_MENTIONED: 'pair.mentioned',
  ENTITY_MERGED: 'entity.merged',
  ENTITY_SPLIT: 'entity.split',
  HEARTBEAT: 'heartbeat',
} as const;

function entityEventOf({ event }: FeedItem | Heartbeat): EntityEvent | undefined {
  return event && !isFactEvent(event) ? event : undefined;
}

function postOf({ event }: FeedItem, _: unknown, { loaders }: ApiContext) {
  return loaders.posts.load(event.postId);
}

function filterOf(args: FactEventsArgs, watchlists: Watchlists | undefined): (event: GraphEvent) => boolean {
  const types = args.types && new Set(args.types);
  const bound = confidenceBound(args.minConfidence) ?? 0;
  const filter = args.filter == null ? undefined : compileFilter(filterGroup(args.filter, watchlists), watchlists);
  return (event) =>
    isFactEvent(event) &&
    (!types || types.has(event.fact.type)) &&
    (event.kind === 'fact.retracted' || event.fact.confidence >= bound) &&
    (!filter || filter.holds(asItStood(event)));
}

/** A fact has no numbers left when it is retracted: it is judged by those it had. */
function asItStood(event: FactEvent): FactEvent {
  if (event.kind !== 'fact.retracted' || !event.before) return event;
  return { ...event, fact: { ...event.fact, ...event.before } };
}
