import type { Decision, EntityKey } from '../../domain/decision.ts';
import type { Entity, Evidence, Fact, GraphEvent, StoredMention, StoredPost } from '../../domain/graph.ts';
import type { WorkerClient } from '../../threads/worker-client.ts';
import type { MentionSpan, TimelineBar, TimelineQuery, TrendQuery, Trends } from '../activity.ts';
import type { CoMention } from '../co-mentions.ts';
import type { PathQuery, Paths, Subgraph, SubgraphQuery } from '../exploration.ts';
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
import { type ScanRows, scanParts } from '../scan.ts';
import { DIGEST_SECTIONS, type DigestPart } from './read-summary.ts';

const DIGEST_LINES_PER_CALL = 1000;

/** The read side of a SQLite graph; queries run in its worker thread. */
export class SqliteGraphReader implements GraphReader {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  ping(): Promise<void> {
    return this.#worker.call('ping', []);
  }

  entitiesById(ids: readonly string[]): Promise<readonly (Entity | undefined)[]> {
    return this.#worker.call('entitiesById', [ids]);
  }

  entityByName(name: string, type?: string): Promise<Entity | undefined> {
    return this.#worker.call('entityByName', [name, type]);
  }

  entitiesNamed(normNames: readonly string[], type?: string): Promise<readonly Entity[]> {
    return this.#worker.call('entitiesNamed', [normNames, type]);
  }

  entitiesByInitials(initials: string, type: string): Promise<readonly Entity[]> {
    return this.#worker.call('entitiesByInitials', [initials, type]);
  }

  surfacesOf(entityId: string): Promise<readonly SurfaceForm[]> {
    return this.#worker.call('surfacesOf', [entityId]);
  }

  partsOf(entityId: string): Promise<readonly EntityKey[]> {
    return this.#worker.call('partsOf', [entityId]);
  }

  accounts(query: AccountQuery): Promise<readonly Account[]> {
    return this.#worker.call('accounts', [query]);
  }

  decisionsAbout(ids: readonly string[]): Promise<readonly Decision[]> {
    return this.#worker.call('decisionsAbout', [ids]);
  }

  entities(query: EntityQuery, page: PageRequest): Promise<Page<Entity>> {
    return this.#worker.call('entities', [query, page]);
  }

  countEntities(query: EntityQuery): Promise<number> {
    return this.#worker.call('countEntities', [query]);
  }

  factsById(ids: readonly string[]): Promise<readonly (Fact | undefined)[]> {
    return this.#worker.call('factsById', [ids]);
  }

  facts(query: FactQuery, page: PageRequest): Promise<Page<Fact>> {
    return this.#worker.call('facts', [query, page]);
  }

  countFacts(queries: readonly FactQuery[]): Promise<readonly number[]> {
    return this.#worker.call('countFacts', [queries]);
  }

  factsOfPosts(postIds: readonly string[]): Promise<readonly (readonly Fact[])[]> {
    return this.#worker.call('factsOfPosts', [postIds]);
  }

  linksAround(entityIds: readonly string[], look: FactLook): Promise<readonly LinkList[]> {
    return this.#worker.call('linksAround', [entityIds, look]);
  }

  recentLinks(look: FactLook): Promise<LinkList> {
    return this.#worker.call('recentLinks', [look]);
  }

  subgraph(query: SubgraphQuery): Promise<Subgraph> {
    return this.#worker.call('subgraph', [query]);
  }

  paths(query: PathQuery): Promise<Paths> {
    return this.#worker.call('paths', [query]);
  }

  evidence(factId: string, page: PageRequest): Promise<Page<Evidence>> {
    return this.#worker.call('evidence', [factId, page]);
  }

  postsById(ids: readonly string[]): Promise<readonly (StoredPost | undefined)[]> {
    return this.#worker.call('postsById', [ids]);
  }

  posts(page: PageRequest): Promise<Page<StoredPost>> {
    return this.#worker.call('posts', [page]);
  }

  mentionsById(ids: readonly string[]): Promise<readonly (StoredMention | undefined)[]> {
    return this.#worker.call('mentionsById', [ids]);
  }

  mentionsOfEntity(entityId: string, page: PageRequest): Promise<Page<StoredMention>> {
    return this.#worker.call('mentionsOfEntity', [entityId, page]);
  }

  mentionsOfPosts(postIds: readonly string[]): Promise<readonly (readonly StoredMention[])[]> {
    return this.#worker.call('mentionsOfPosts', [postIds]);
  }

  coMentions(entityId: string, sinceMs?: number): Promise<readonly CoMention[]> {
    return this.#worker.call('coMentions', [entityId, sinceMs]);
  }

  mentionSpans(entityIds: readonly string[]): Promise<readonly (MentionSpan | undefined)[]> {
    return this.#worker.call('mentionSpans', [entityIds]);
  }

  timeline(entityId: string, query: TimelineQuery): Promise<readonly TimelineBar[]> {
    return this.#worker.call('timeline', [entityId, query]);
  }

  trends(query: TrendQuery): Promise<Trends> {
    return this.#worker.call('trends', [query]);
  }

  types(): Promise<{ entities: readonly string[]; relations: readonly string[] }> {
    return this.#worker.call('types', []);
  }

  stats(): Promise<GraphStats> {
    return this.#worker.call('stats', []);
  }

  eventsAfter(position: number, limit: number): Promise<readonly GraphEvent[]> {
    return this.#worker.call('eventsAfter', [position, limit]);
  }

  lastPosition(): Promise<number> {
    return this.#worker.call('lastPosition', []);
  }

  scan<K extends keyof ScanRows>(kind: K): AsyncIterable<ScanRows[K]> {
    return scanParts((after, limit) => this.#worker.call('scan', [{ kind, after, limit }]));
  }

  async *digestLines(): AsyncIterable<string> {
    for (const section of DIGEST_SECTIONS) {
      let after: string | undefined = '';
      while (after !== undefined) {
        const request = { section, after, limit: DIGEST_LINES_PER_CALL };
        const part: DigestPart = await this.#worker.call('digestPart', [request]);
        yield* part.lines;
        after = part.last;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.call('close').catch(() => {});
    await this.#worker[Symbol.asyncDispose]();
  }
}
