import type { Author } from './author.ts';
import type { ImageResult } from './image.ts';

/** A person, place, organisation or other named thing that live posts mention. */
export interface Entity {
  readonly id: string;
  readonly type: string;
  /** The most frequent surface form of its live mentions; ties in code-point order. */
  readonly name: string;
  readonly normName: string;
  /** Number of live mentions. */
  readonly mentionCount: number;
}

/** A relation between two entities with what supports it. */
export interface Fact {
  readonly id: string;
  readonly type: string;
  readonly headId: string;
  readonly tailId: string;
  /** Noisy-or over independent sources, 0 to 0.99…: see `graph/resolve/confidence.ts`. */
  readonly confidence: number;
  /** Largest probability of one piece of evidence. */
  readonly maxConfidence: number;
  /** Live posts that assert it. */
  readonly evidenceCount: number;
  /** Independent sources among them. */
  readonly sourceCount: number;
  readonly authorCount: number;
  /** Event time in epoch milliseconds: when the earliest supporting post was published. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** System time in epoch milliseconds: when the fact entered the graph. */
  readonly createdMs: number;
}

/** A post as the graph keeps it. */
export interface StoredPost {
  readonly id: string;
  readonly platform: string;
  /** The platform's own id. */
  readonly nativeId: string;
  readonly text: string;
  readonly url?: string;
  readonly lang?: string;
  readonly author: Author;
  readonly eventMs: number;
  readonly version: string;
  readonly images: readonly ImageResult[];
  readonly skipped?: string;
}

/** A mention as the graph keeps it. */
export interface StoredMention {
  readonly id: string;
  readonly postId: string;
  readonly entityId: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly type: string;
  readonly p: number;
}

/** What one post says for one fact. */
export interface Evidence {
  readonly id: string;
  readonly factId: string;
  readonly postId: string;
  readonly headMentionId: string;
  readonly tailMentionId: string;
  readonly p: number;
  readonly eventMs: number;
  /** Bundle and generation, `grapevine-small-en/1` for instance. */
  readonly extractor: string;
}

/** What happened to a fact. */
export type FactEventKind = 'fact.created' | 'fact.strengthened' | 'fact.retracted' | 'fact.moved';

/** What happened to an entity. That the last post which mentions one is gone is told of its facts alone. */
export type EntityEventKind =
  /** A live post mentions it, and none did just before. */
  | 'entity.created'
  /** A post comes to mention it; told only of entities that are watched: see `AlertStore.watch`. */
  | 'entity.mentioned'
  /** A post comes to mention two together; told only of pairs of which one is watched for its pairs. */
  | 'pair.mentioned'
  /** A decision made it part of another one. */
  | 'entity.merged'
  /** A decision made it stand for itself again. */
  | 'entity.split';

/** One change of the graph, as the outbox tells it. */
export type GraphEvent = FactEvent | EntityEvent;

/** What happened. */
export type GraphEventKind = GraphEvent['kind'];

/** What all events have. */
interface EventOrigin {
  /** Stable across retries and replays. */
  readonly key: string;
  /** Place in the event log, increasing and without gaps; given once, before it is published anywhere. */
  readonly position: number;
  /** Graph id of the post that caused it; '' where a decision did. */
  readonly postId: string;
  readonly postVersion: string;
  /** The decision that caused it. */
  readonly decisionId?: string;
  /** True where the operator said that the posts are history: no alert rule fires at it. */
  readonly quiet?: true;
  /** System time in epoch milliseconds. */
  readonly atMs: number;
}

/** A change of a fact. */
export interface FactEvent extends EventOrigin {
  readonly kind: FactEventKind;
  readonly fact: Fact;
  /** What the fact was counted at just before: with `fact.strengthened` and `fact.retracted`. */
  readonly before?: Pick<Fact, 'confidence' | 'maxConfidence' | 'evidenceCount' | 'sourceCount' | 'authorCount'>;
  readonly headName: string;
  readonly headType: string;
  readonly tailName: string;
  readonly tailType: string;
  /** Of `fact.moved`: id of the fact whose evidence, or part of it, is the event's fact's now. */
  readonly movedFrom?: string;
  /** Of `fact.moved`: true while that fact still stands after this event. Where it does not, it is gone and no other event says so. */
  readonly remains?: boolean;
}

/** A change of an entity. */
export interface EntityEvent extends EventOrigin {
  readonly kind: EntityEventKind;
  readonly entity: NamedEntity;
  /** Of `entity.created`, `entity.mentioned` and `pair.mentioned`: when that post was published, epoch milliseconds. */
  readonly seenMs?: number;
  /** Of `entity.mentioned` and `pair.mentioned`: since when such mentions are told without a gap, epoch milliseconds. */
  readonly watchedMs?: number;
  /** Of `entity.merged`: what it is part of now. Of `entity.split`: what it was part of. Of a pair: the one with the greater id. */
  readonly other?: NamedEntity;
  /** Only where an alert about a spike tells it, not in the log of events. */
  readonly spike?: Spike;
}

/** How often an entity, or a pair, was mentioned when that became unusual. */
export interface Spike {
  /** Mentions in the newest bucket. */
  readonly mentions: number;
  /** Mentions in a bucket of the baseline, on average, to a tenth. */
  readonly usual: number;
}

/** An entity as an event names it. */
export type NamedEntity = Pick<Entity, 'id' | 'name' | 'type'>;

/** True for an event about a fact. */
export function isFactEvent(event: GraphEvent): event is FactEvent {
  return 'fact' in event;
}

/** Ids of the entities that an event names: the ends of its fact, or the entity and the other one. */
export function entitiesIn(event: Pick<FactEvent, 'fact'> | Pick<EntityEvent, 'entity' | 'other'>): readonly string[] {
  if ('fact' in event) return [event.fact.headId, event.fact.tailId];
  return event.other ? [event.entity.id, event.other.id] : [event.entity.id];
}
