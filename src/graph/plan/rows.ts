import type { EntityEvent, Fact, FactEvent } from '../../domain/graph.ts';
import type { ImageResult } from '../../domain/image.ts';
import type { Part } from '../resolve/hot-parts.ts';

/** A post as both databases store it. A deleted one keeps only its hashed id and the version its deletion acts on. */
export interface PostRow {
  readonly id: string;
  readonly platform: string;
  readonly nativeId: string;
  /** Without leading zeros; null on a deletion that acts on every version. */
  readonly version: string | null;
  readonly generation: number;
  readonly contentHash: string;
  /** True for a deletion. */
  readonly deleted: boolean;
  readonly text: string;
  readonly url: string | null;
  readonly lang: string | null;
  readonly authorId: string | null;
  readonly authorNativeId: string | null;
  readonly authorHandle: string | null;
  readonly authorName: string | null;
  readonly eventMs: number | null;
  readonly skipped: string | null;
  /** Bundle and generation. */
  readonly extractor: string;
}

/**
 * How a stored post stands: readable; hidden with its content parked; blanked with its account or author, its version still
 * counting; or deleted.
 */
export type Standing = 'live' | 'hidden' | 'blanked' | 'deleted';

/** What the version gate and the marks need of a stored post. */
export interface PostState
  extends Pick<PostRow, 'id' | 'version' | 'generation' | 'contentHash' | 'deleted' | 'authorId' | 'eventMs'> {
  readonly standing: Standing;
}

/** A mention as both databases store it. */
export interface MentionRow {
  readonly id: string;
  readonly postId: string;
  readonly entityId: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly type: string;
  readonly p: number;
  /** Of the post, for lists ordered by time. */
  readonly eventMs: number;
}

/** The part of an entity that its id fixes. */
export interface EntityRow {
  readonly id: string;
  readonly type: string;
  readonly normName: string;
}

/** Evidence with the fact it speaks for. */
export interface EvidenceRow {
  readonly id: string;
  readonly factId: string;
  readonly factType: string;
  readonly headId: string;
  readonly tailId: string;
  readonly postId: string;
  readonly headMentionId: string;
  readonly tailMentionId: string;
  readonly p: number;
  readonly eventMs: number;
  readonly extractor: string;
  readonly authorId: string;
  readonly sourceKey: string;
  /** Only where the relation has no direction: its ends are in the order of their ids. */
  readonly symmetric?: true;
}

/** What stored evidence says for its fact. */
export type FactSupport = Pick<EvidenceRow, 'factId' | 'postId' | 'authorId' | 'sourceKey' | 'eventMs' | 'p'>;

/** A fact as stored; `expiredMs` is when it lost its last evidence, null while it is live. */
export interface FactRow extends Fact {
  readonly expiredMs: number | null;
}

/** Everything one extraction puts into the graph. */
export interface ResolvedPost {
  readonly row: PostRow;
  readonly images: readonly ImageResult[];
  readonly mentions: readonly MentionRow[];
  readonly entities: readonly EntityRow[];
  readonly evidence: readonly EvidenceRow[];
}

/** A post as it is stored: content only where it is live. */
export interface PlacedPost extends ResolvedPost {
  readonly standing: Standing;
  /** The `ResolvedPost` as JSON: of a hidden post until it is live again, of a live one where decisions change what it says. */
  readonly parked: string | null;
}

/** Change of how many live mentions an entity has under one surface form; never 0. */
export interface SurfaceDelta {
  readonly entityId: string;
  readonly text: string;
  readonly delta: number;
}

/** An event whose names are not known before the writes are done, and which has no position yet. */
export type EventDraft = FactEventDraft | EntityEventDraft;

/** One about a fact. */
export type FactEventDraft = Omit<FactEvent, 'position' | 'headName' | 'headType' | 'tailName' | 'tailType'>;

/** One about an entity that a post brings, or about two. */
export interface EntityEventDraft extends Omit<EntityEvent, 'position' | 'entity' | 'other'> {
  readonly entityId: string;
  readonly otherId?: string;
}

/** An event as the outbox keeps it. */
export type OutboxEvent = Omit<FactEvent, 'position'> | Omit<EntityEvent, 'position'>;

/** Names and types of entities by id. */
export type Names = ReadonlyMap<string, { readonly name: string; readonly type: string }>;

/** A mention that a post has had until now. */
export type OldMention = Pick<MentionRow, 'postId' | 'entityId' | 'text'>;

/** What a run did to the entities that its posts mention. */
export interface AppliedEntities {
  /** Those that were not there before. */
  readonly made: ReadonlySet<string>;
  /** How many live mentions some of them had before; all where it matters whether they were gone in between. */
  readonly counts: ReadonlyMap<string, number>;
  /** Those of which posts that come to mention them are told. */
  readonly watched: WatchedEntities;
}

/** Watched ones among entities by id, with since when, epoch milliseconds. */
export interface WatchedEntities {
  /** Each post that comes to mention one is told. */
  readonly alone: ReadonlyMap<string, number>;
  /** Each post that comes to mention one beside another is told, whoever the other is. */
  readonly inPairs: ReadonlyMap<string, number>;
}

/** What a run did to facts and entities. */
export interface AppliedRun {
  /** Stored rows of the facts it touched, as they were. */
  readonly was: readonly FactRow[];
  /** Those that it changed, as they are. */
  readonly is: readonly FactRow[];
  /** Of facts and of entities, in the order of the posts. */
  readonly events: readonly EventDraft[];
  /** Names of what the events are about, those of before where they are gone now; not all need be there. */
  readonly names: Names;
}

/** Changes of the parts of facts. */
export interface HotWrites {
  /** Facts that have parts now, with the sum of the weights of their sources. */
  readonly facts: readonly { readonly factId: string; readonly weight: number }[];
  readonly put: readonly (Part & { readonly factId: string })[];
  readonly gone: readonly (Pick<Part, 'level' | 'id'> & { readonly factId: string })[];
  /** Facts that have none any more. */
  readonly cooled: readonly string[];
}

/** All rows that one run of posts changes, each list in the order of its ids. */
export interface WriteSet {
  /** Posts whose mentions, images and evidence go before the new ones come. */
  readonly clearedPosts: readonly string[];
  readonly posts: readonly PlacedPost[];
  /** Authors that gained or lost a post. */
  readonly authors: readonly string[];
  readonly entities: readonly EntityRow[];
  readonly surfaces: readonly SurfaceDelta[];
  readonly mentions: readonly MentionRow[];
  readonly facts: readonly FactRow[];
  /** Facts as they were when they were retracted. */
  readonly past: readonly FactRow[];
  readonly evidence: readonly EvidenceRow[];
  readonly hot: HotWrites;
  /** About facts, in the order of the batch. */
  readonly events: readonly FactEventDraft[];
}
