import type { Decision, EntityKey } from '../domain/decision.ts';
import type { Entity, Evidence, Fact, GraphEvent, StoredMention, StoredPost } from '../domain/graph.ts';
import type { MentionSpan, TimelineBar, TimelineQuery, TrendQuery, Trends } from './activity.ts';
import type { CoMention } from './co-mentions.ts';
import type { PathQuery, Paths, Subgraph, SubgraphQuery } from './exploration.ts';
import type { FactConditions, FactLook, FactOrder, LinkList } from './fact-look.ts';
import type { ScanRows } from './scan.ts';

/** A page of a list with the keyset cursor of each item. Cursors are opaque and stay valid while the list changes. */
export interface Page<T> {
  readonly items: readonly { readonly node: T; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  /** Where the list goes on, where that is not after the last item. */
  readonly endCursor?: string;
}

/** Where a page starts and how long it is. */
export interface PageRequest {
  /** 1 to 100. */
  readonly first: number;
  /** Cursor of the item before the page. @throws {BAD_CURSOR} when it was not made by this list. */
  readonly after?: string;
}

/** Which entities a list holds, and in which order; absent fields do not restrict. */
export interface EntityQuery {
  readonly type?: string;
  /** Words that each begin a word of one of the entity's names; all signs are only text. Blank does not restrict. */
  readonly search?: string;
  /**
   * By name in code-point order, or those with most mentions first, which takes a search: no index keeps that order. Ties:
   * id. @default 'NAME'
   */
  readonly orderBy?: 'NAME' | 'MENTIONS';
}

/** Which facts a list holds, and in which order; absent fields do not restrict. Ties: id. */
export interface FactQuery extends FactConditions {
  readonly entityId?: string;
  readonly direction?: 'OUT' | 'IN' | 'ANY';
  /**
   * System time, epoch milliseconds: facts that were live then. One that has been retracted since is given as it last was,
   * one that is live still as it is now. @default now
   */
  readonly asOfMs?: number;
  /**
   * Newest (by `createdMs`) first, or highest first by something that every post can change: no index keeps these orders, so
   * only the newest facts at each end of the entity, or of the graph, are put into them: see `FACTS_ORDERED`. Not with
   * `asOfMs`. @default 'NEWEST'
   */
  readonly orderBy?: 'NEWEST' | FactOrder;
}

/** A way in which posts write an entity. */
export interface SurfaceForm {
  readonly text: string;
  /** Number of live mentions that write it so. */
  readonly count: number;
}

/** Which accounts are looked for: those with one of the handles or one of the names. */
export interface AccountQuery {
  /** In lower case and without the @. */
  readonly handles: readonly string[];
  /** As the profiles write them. */
  readonly names: readonly string[];
}

/** An account that has both a handle and a name. */
export interface Account {
  /** Graph id. */
  readonly id: string;
  readonly platform: string;
  readonly handle: string;
  readonly name: string;
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
  /**
   * The entities with one of these normalised names, also as the name of a part; without a type those of any. The 50 with
   * most mentions, most first (ties: id).
   */
  entitiesNamed(normNames: readonly string[], type?: string): Promise<readonly Entity[]>;
  /** The entities of a type whose names have these initials, as `initialsOf` gives them; the 50 with most mentions. */
  entitiesByInitials(initials: string, type: string): Promise<readonly Entity[]>;
  /** How posts write an entity, the 50 most frequent forms, most frequent first (ties: code-point order). */
  surfacesOf(entityId: string): Promise<readonly SurfaceForm[]>;
  /** What was merged into an entity, by id. */
  partsOf(entityId: string): Promise<readonly EntityKey[]>;
  /** Accounts of live posts by handle or by name, 50 at most, by id. */
  accounts(query: AccountQuery): Promise<readonly Account[]>;
  /** Decisions about entities, facts or external ids, in force or not, oldest first. */
  decisionsAbout(ids: readonly string[]): Promise<readonly Decision[]>;
  entities(query: EntityQuery, page: PageRequest): Promise<Page<Entity>>;
  countEntities(query: EntityQuery): Promise<number>;
  factsById(ids: readonly string[]): Promise<readonly (Fact | undefined)[]>;
  facts(query: FactQuery, page: PageRequest): Promise<Page<Fact>>;
  /** How many facts each query matches, in their order. */
  countFacts(queries: readonly FactQuery[]): Promise<readonly number[]>;
  /** The live facts that each post states, by id. */
  factsOfPosts(postIds: readonly string[]): Promise<readonly (readonly Fact[])[]>;
  /** What a look at each end of each entity finds, in the order of the ids; nothing for an id that is none. */
  linksAround(entityIds: readonly string[], look: FactLook): Promise<readonly LinkList[]>;
  /** What a look at the newest facts of the graph finds. */
  recentLinks(look: FactLook): Promise<LinkList>;
  /** See `exploreSubgraph`, which this runs where the facts are. */
  subgraph(query: SubgraphQuery): Promise<Subgraph>;
  /** See `findPaths`, which this runs where the facts are. */
  paths(query: PathQuery): Promise<Paths>;
  /** Evidence of a fact, earliest post first (event time, then id). */
  evidence(factId: string, page: PageRequest): Promise<Page<Evidence>>;
  postsById(ids: readonly string[]): Promise<readonly (StoredPost | undefined)[]>;
  /** All live posts, newest first (event time, then id). */
  posts(page: PageRequest): Promise<Page<StoredPost>>;
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
  /** When posts first and last mention each entity, in the order of the ids; undefined for one that none mentions. */
  mentionSpans(entityIds: readonly string[]): Promise<readonly (MentionSpan | undefined)[]>;
  /** Mentions of an entity by time, those of its newest 100,000; parts without any are left out. */
  timeline(entityId: string, query: TimelineQuery): Promise<readonly TimelineBar[]>;
  /** Entities that are mentioned more in a window of time than in the one before: see `activity.ts`. */
  trends(query: TrendQuery): Promise<Trends>;
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
