import type { Entity, Evidence, Fact, GraphEvent, StoredMention, StoredPost } from '../domain/graph.ts';
import type { CoMention } from './co-mentions.ts';
import type { FactList, FactLook } from './fact-look.ts';
import type { ScanRows } from './scan.ts';

/** A page of a list with the keyset cursor of each item. Cursors are opaque and stay valid while the list changes. */
export interface Page<T> {
  readonly items: readonly { readonly node: T; readonly cursor: string }[];
  readonly hasNextPage: boolean;
}

/** Where a page starts and how long it is. */
export interface PageRequest {
  /** 1 to 100. */
  readonly first: number;
  /** Cursor of the item before the page. @throws {BAD_CURSOR} when it was not made by this list. */
  readonly after?: string;
}

/** Which entities a list holds; absent fields do not restrict. Ordered by name in code-point order, then id. */
export interface EntityQuery {
  readonly type?: string;
  /** Words that each begin a word of one of the entity's names; all signs are only text. Blank does not restrict. */
  readonly search?: string;
}

/** Which facts a list holds; absent fields do not restrict. Newest (by `createdMs`) first, then id. */
export interface FactQuery {
  readonly entityId?: string;
  readonly direction?: 'OUT' | 'IN' | 'ANY';
  readonly type?: string;
  readonly minConfidence?: number;
  /**
   * System time, epoch milliseconds: facts that were live then. One that has been retracted since is given as it last was,
   * one that is live still as it is now. @default now
   */
  readonly asOfMs?: number;
}

/** Sizes of the live graph. */
export interface GraphStats {
  readonly posts: number;
  readonly entities: number;
  readonly facts: number;
  readonly mentions: number;
}

/**
 * The read side of the graph. Lists by ids answer in the order of the ids, with undefined where there is none;
 * deleted posts, their mentions and facts without evidence are not seen.
 */
export interface GraphReader extends AsyncDisposable {
  /** Checks that the graph answers. */
  ping(): Promise<void>;
  /** What was merged into another is answered by that one. */
  entitiesById(ids: readonly string[]): Promise<readonly (Entity | undefined)[]>;
  /** The entity whose normalised name equals that of `name`; without a type the one with most mentions (ties: id). */
  entityByName(name: string, type?: string): Promise<Entity | undefined>;
  entities(query: EntityQuery, page: PageRequest): Promise<Page<Entity>>;
  countEntities(query: EntityQuery): Promise<number>;
  factsById(ids: readonly string[]): Promise<readonly (Fact | undefined)[]>;
  facts(query: FactQuery, page: PageRequest): Promise<Page<Fact>>;
  countFacts(query: FactQuery): Promise<number>;
  /** What a look at each end of each entity finds, in the order of the ids; nothing for an id that is none. */
  factsAround(entityIds: readonly string[], look: FactLook): Promise<readonly FactList[]>;
  /** What a look at the newest facts of the graph finds. */
  recentFacts(look: FactLook): Promise<FactList>;
  /** Evidence of a fact, earliest post first (event time, then id). */
  evidence(factId: string, page: PageRequest): Promise<Page<Evidence>>;
  postsById(ids: readonly string[]): Promise<readonly (StoredPost | undefined)[]>;
  mentionsById(ids: readonly string[]): Promise<readonly (StoredMention | undefined)[]>;
  /** Mentions of an entity, newest post first. */
  mentionsOfEntity(entityId: string, page: PageRequest): Promise<Page<StoredMention>>;
  /** Mentions of each post, in text order. */
  mentionsOfPosts(postIds: readonly string[]): Promise<readonly (readonly StoredMention[])[]>;
  /**
   * Entities that the newest posts of an entity name beside it, most posts first: see `co-mentions.ts`. Worked out when
   * it is asked for, so it costs nothing where nobody asks.
   *
   * @param sinceMs leaves out posts published before, epoch milliseconds
   */
  coMentions(entityId: string, sinceMs?: number): Promise<readonly CoMention[]>;
  /** Types in use, sorted. */
  types(): Promise<{ entities: readonly string[]; relations: readonly string[] }>;
  stats(): Promise<GraphStats>;
  /** Events with a position greater than `position`, in order. */
  eventsAfter(position: number, limit: number): Promise<readonly GraphEvent[]>;
  /** Position of the newest event, 0 when there is none. */
  lastPosition(): Promise<number>;
  /** All rows of one kind, live ones unless its kind says otherwise, in the order of their ids, read a part at a time. */
  scan<K extends keyof ScanRows>(kind: K): AsyncIterable<ScanRows[K]>;
  /** The content of the graph as JSON lines in a fixed order: what `graph digest` hashes. */
  digestLines(): AsyncIterable<string>;
}
