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
export type GraphEventKind = 'fact.created' | 'fact.strengthened' | 'fact.retracted' | 'fact.moved';

/** One change of the graph, as the outbox tells it. */
export interface GraphEvent {
  /** Stable across retries and replays. */
  readonly key: string;
  readonly kind: GraphEventKind;
  /** Place in the event log, increasing and without gaps; given once, before it is published anywhere. */
  readonly position: number;
  readonly fact: Fact;
  /** What the fact was counted at just before: with `fact.strengthened` and `fact.retracted`. */
  readonly before?: Pick<Fact, 'confidence' | 'maxConfidence' | 'evidenceCount' | 'sourceCount' | 'authorCount'>;
  readonly headName: string;
  readonly headType: string;
  readonly tailName: string;
  readonly tailType: string;
  /** Graph id of the post that caused it; '' where a decision did. */
  readonly postId: string;
  readonly postVersion: string;
  /** The decision that caused it. */
  readonly decisionId?: string;
  /** Of `fact.moved`: id of the fact whose evidence, or part of it, is the event's fact's now. */
  readonly movedFrom?: string;
  /** Of `fact.moved`: true while that fact still stands after this event. Where it does not, it is gone and no other event says so. */
  readonly remains?: boolean;
  /** True where the operator said that the posts are history: no alert rule fires at it. */
  readonly quiet?: true;
  /** System time in epoch milliseconds. */
  readonly atMs: number;
}
