import type { Decision, EntityKey } from '../../domain/decision.ts';
import type { Entity, Evidence, Fact, GraphEvent, StoredMention, StoredPost } from '../../domain/graph.ts';
import type { MentionSpan, TimelineBar, TimelineQuery, TrendQuery, Trends } from '../activity.ts';
import type { CoMention } from '../co-mentions.ts';
import type { PathQuery, Paths, Subgraph, SubgraphQuery } from '../exploration.ts';
import { sifted } from '../explore/fact-filter.ts';
import { findPaths } from '../explore/paths.ts';
import { exploreSubgraph } from '../explore/subgraph.ts';
import type { FactLook, LinkList } from '../fact-look.ts';
import type {
  Account,
  AccountQuery,
  EntityQuery,
  FactQuery,
  GraphReader,
  GraphStats,
  Page,
  PageRequest,
  SurfaceForm,
} from '../graph-reader.ts';
import { type ScanPart, type ScanRows, scanParts } from '../scan.ts';
import type { Neo4jClient } from './client.ts';
import { countFacts } from './count-facts.ts';
import { decisionsAbout } from './decide.ts';
import { countEntities, entities } from './list-entities.ts';
import { mentionSpans, timeline, trends } from './read-activity.ts';
import { linksAround, recentLinks } from './read-around.ts';
import { coMentions } from './read-co-mentions.ts';
import { entitiesById, entityByName } from './read-entities.ts';
import { evidence, facts, factsById, factsOfPosts } from './read-facts.ts';
import { accounts, entitiesByInitials, entitiesNamed, partsOf, surfacesOf } from './read-names.ts';
import { mentionsById, mentionsOfEntity, mentionsOfPosts, posts, postsById } from './read-posts.ts';
import { digestLines, eventsAfter, lastPosition, stats, types } from './read-summary.ts';
import { scan } from './scan.ts';

/** The read side of a Neo4j graph. */
export class Neo4jGraphReader implements GraphReader {
  readonly #client: Neo4jClient;

  constructor(client: Neo4jClient) {
    this.#client = client;
  }

  async ping(): Promise<void> {
    await this.#client.read('RETURN 1');
  }

  entitiesById(ids: readonly string[]): Promise<readonly (Entity | undefined)[]> {
    return entitiesById(this.#client, ids);
  }

  entityByName(name: string, type?: string): Promise<Entity | undefined> {
    return entityByName(this.#client, name, type);
  }

  entitiesNamed(normNames: readonly string[], type?: string): Promise<readonly Entity[]> {
    return entitiesNamed(this.#client, normNames, type);
  }

  entitiesByInitials(initials: string, type: string): Promise<readonly Entity[]> {
    return entitiesByInitials(this.#client, initials, type);
  }

  surfacesOf(entityId: string): Promise<readonly SurfaceForm[]> {
    return surfacesOf(this.#client, entityId);
  }

  partsOf(entityId: string): Promise<readonly EntityKey[]> {
    return partsOf(this.#client, entityId);
  }

  accounts(query: AccountQuery): Promise<readonly Account[]> {
    return accounts(this.#client, query);
  }

  decisionsAbout(ids: readonly string[]): Promise<readonly Decision[]> {
    return decisionsAbout((cypher, parameters) => this.#client.read(cypher, parameters), ids);
  }

  entities(query: EntityQuery, page: PageRequest): Promise<Page<Entity>> {
    return entities(this.#client, query, page);
  }

  countEntities(query: EntityQuery): Promise<number> {
    return countEntities(this.#client, query);
  }

  factsById(ids: readonly string[]): Promise<readonly (Fact | undefined)[]> {
    return factsById(this.#client, ids);
  }

  facts(query: FactQuery, page: PageRequest): Promise<Page<Fact>> {
    return facts(this.#client, query, page);
  }

  countFacts(queries: readonly FactQuery[]): Promise<readonly number[]> {
    return countFacts(this.#client, queries);
  }

  factsOfPosts(postIds: readonly string[]): Promise<readonly (readonly Fact[])[]> {
    return factsOfPosts(this.#client, postIds);
  }

  linksAround(entityIds: readonly string[], look: FactLook): Promise<readonly LinkList[]> {
    return linksAround(this.#client, entityIds, look);
  }

  recentLinks(look: FactLook): Promise<LinkList> {
    return recentLinks(this.#client, look);
  }

  subgraph(query: SubgraphQuery): Promise<Subgraph> {
    return exploreSubgraph(this, sifted(this, query));
  }

  paths(query: PathQuery): Promise<Paths> {
    return findPaths(this, sifted(this, query));
  }

  evidence(factId: string, page: PageRequest): Promise<Page<Evidence>> {
    return evidence(this.#client, factId, page);
  }

  postsById(ids: readonly string[]): Promise<readonly (StoredPost | undefined)[]> {
    return postsById(this.#client, ids);
  }

  posts(page: PageRequest): Promise<Page<StoredPost>> {
    return posts(this.#client, page);
  }

  mentionsById(ids: readonly string[]): Promise<readonly (StoredMention | undefined)[]> {
    return mentionsById(this.#client, ids);
  }

  mentionsOfEntity(entityId: string, page: PageRequest): Promise<Page<StoredMention>> {
    return mentionsOfEntity(this.#client, entityId, page);
  }

  mentionsOfPosts(postIds: readonly string[]): Promise<readonly (readonly StoredMention[])[]> {
    return mentionsOfPosts(this.#client, postIds);
  }

  coMentions(entityId: string, sinceMs?: number): Promise<readonly CoMention[]> {
    return coMentions(this.#client, entityId, sinceMs);
  }

  mentionSpans(entityIds: readonly string[]): Promise<readonly (MentionSpan | undefined)[]> {
    return mentionSpans(this.#client, entityIds);
  }

  timeline(entityId: string, query: TimelineQuery): Promise<readonly TimelineBar[]> {
    return timeline(this.#client, entityId, query);
  }

  trends(query: TrendQuery): Promise<Trends> {
    return trends(this.#client, query);
  }

  types(): Promise<{ entities: readonly string[]; relations: readonly string[] }> {
    return types(this.#client);
  }

  stats(): Promise<GraphStats> {
    return stats(this.#client);
  }

  eventsAfter(position: number, limit: number): Promise<readonly GraphEvent[]> {
    return eventsAfter(this.#client, position, limit);
  }

  lastPosition(): Promise<number> {
    return lastPosition(this.#client);
  }

  scan<K extends keyof ScanRows>(kind: K): AsyncIterable<ScanRows[K]> {
    return scanParts((after, limit) => scan(this.#client, { kind, after, limit }) as Promise<ScanPart<ScanRows[K]>>);
  }

  digestLines(): AsyncIterable<string> {
    return digestLines(this.#client);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }
}
