import type { Entity, Fact, FactEvent, Link, Mention, Post, Stats } from './rows.ts';
import { ask, server } from './server.ts';

const FACT = `id type confidence maxConfidence evidenceCount sourceCount authorCount firstSeen lastSeen`;
const END = 'id name type';
const SPAN = 'id text start end type confidence';
/** Most pieces of evidence a page shows at once. */
const MAX_EVIDENCE = 500;
const POST = `id version platform text url createdAt skipped author { id handle name } pictures { source outcome thumbnailUrl }
  mentions { id text start end type confidence entity { ${END} } }`;

type FactAnswer = Omit<Fact, 'headId' | 'tailId' | 'firstSeenMs' | 'lastSeenMs'> & {
  readonly firstSeen: string;
  readonly lastSeen: string;
};
type LinkAnswer = FactAnswer & { readonly head: Entity | null; readonly tail: Entity | null };
interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}

/** Sizes and types of the graph. */
export interface Overview {
  readonly stats: Stats;
  readonly types: { readonly entities: readonly string[]; readonly relations: readonly string[] };
}

/** What the graph holds, in numbers and types. */
export function readOverview(signal?: AbortSignal): Promise<Overview> {
  return ask('{ stats { posts entities facts mentions eventCursor } types { entities relations } }', {}, signal);
}

/** The newest links, newest first, a page at a time. */
export async function* readNewestLinks(signal?: AbortSignal): AsyncIterable<readonly Link[]> {
  const query = `query ($after: String) { facts(first: 100, after: $after) {
    edges { node { ${FACT} head { ${END} } tail { ${END} } } } pageInfo { hasNextPage endCursor } } }`;
  let after: string | null = null;
  do {
    const answer: {
      facts: Edges<LinkAnswer> & { pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    } = await ask(query, { after }, signal);
    yield linksOf(answer.facts);
    after = answer.facts.pageInfo.hasNextPage ? answer.facts.pageInfo.endCursor : null;
  } while (after !== null);
}

/** Sizes of the graph. */
export async function readStats(): Promise<Stats> {
  return (await ask<{ stats: Stats }>('{ stats { posts entities facts mentions eventCursor } }')).stats;
}

/** The newest posts, newest first. */
export async function readNewestPosts(first: number): Promise<readonly Post[]> {
  const query = `query ($first: Int) { posts(first: $first) { edges { node { ${POST} } } } }`;
  const { posts } = await ask<{ posts: Edges<Post> }>(query, { first });
  return posts.edges.map((edge) => edge.node);
}

/** The server sends a sign of life every 12 seconds; after this time the connection is taken for dead, milliseconds. */
const SILENCE_MS = 40_000;

/** Told how the connection is. */
export interface ConnectionEars {
  onConnect(): void;
  onReconnect(error: unknown): void;
}

/** Changes of the graph after the cursor, then as they come; through lost connections. */
export async function* followFacts(since: string, signal: AbortSignal, ears: ConnectionEars): AsyncIterable<FactEvent> {
  const query = `subscription ($since: String) { factEvents(since: $since) {
    cursor kind gap movedFrom remains fact { ${FACT} } head { ${END} } tail { ${END} } } }`;
  type Data = { readonly factEvents: Omit<FactEvent, 'fact'> & { readonly fact: FactAnswer } };
  const options = { since, signal, silenceMs: SILENCE_MS, ...ears };
  for await (const { factEvents: event } of server().subscribe<Data, { since: string }>(query, {}, options)) {
    yield { ...event, fact: factOf(event.fact, event.head, event.tail) };
  }
}

function linksOf(list: Edges<LinkAnswer>): readonly Link[] {
  return list.edges.flatMap(({ node }) => {
    const { head, tail, ...fact } = node;
    return head && tail ? [{ fact: factOf(fact, head, tail), head, tail }] : [];
  });
}

function factOf({ firstSeen, lastSeen, ...fact }: FactAnswer, head: Entity, tail: Entity): Fact {
  const times = { firstSeenMs: Date.parse(firstSeen), lastSeenMs: Date.parse(lastSeen) };
  return { ...fact, headId: head.id, tailId: tail.id, ...times };
}

/** An entity in a list of what was searched for. */
export interface Hit extends Entity {
  readonly mentionCount: number;
}

/** Entities with a name that begins like the words, those with most mentions first. */
export async function searchEntities(words: string, signal: AbortSignal): Promise<readonly Hit[]> {
  const query = `query ($words: String) { entities(first: 12, query: $words, orderBy: MENTIONS) { edges { node { ${END} mentionCount } } } }`;
  const answer = await ask<{ entities: Edges<Hit> }>(query, { words }, signal);
  return answer.entities.edges.map((edge) => edge.node);
}

/** Two entities that may be one. */
export interface Suggestion {
  readonly from: Entity;
  readonly into: Entity;
  readonly score: number;
  readonly reasons: readonly { readonly kind: string; readonly detail: string }[];
}

/** An entity with what is known of it. */
export interface EntityDetail extends Entity {
  readonly mentionCount: number;
  readonly factCount: number;
  readonly links: readonly Link[];
  readonly suggestions: readonly Suggestion[];
  /** What posts call it. */
  readonly aliases: readonly string[];
  readonly activity: readonly Bar[];
  readonly mentions: readonly (Mention & { readonly post: Post | null })[];
}

/** An entity with its newest facts and mentions; undefined when it is gone. */
export async function readEntity(id: string, signal: AbortSignal): Promise<EntityDetail | undefined> {
  const query = `query ($id: ID) { entity(id: $id) { ${END} mentionCount firstSeen lastSeen aliases { text }
    suggestions { from { ${END} } into { ${END} } score reasons { kind detail } }
    facts(first: 100) { totalCount edges { node { ${FACT} head { ${END} } tail { ${END} } } } }
    mentions(first: 50) { edges { node { id text start end type confidence entity { ${END} } post { ${POST} } } } } } }`;
  type Answer = Entity & {
    readonly mentionCount: number;
    readonly suggestions: readonly Suggestion[];
    readonly firstSeen: string | null;
    readonly lastSeen: string | null;
    readonly aliases: readonly { readonly text: string }[];
    readonly facts: Edges<LinkAnswer> & { readonly totalCount: number };
    readonly mentions: Edges<EntityDetail['mentions'][number]>;
  };
  const { entity } = await ask<{ entity: Answer | null }>(query, { id }, signal);
  if (!entity) return undefined;
  const { facts, mentions, aliases, firstSeen, lastSeen, ...rest } = entity;
  const isDated = firstSeen !== null && lastSeen !== null;
  return {
    ...rest,
    aliases: aliases.map(({ text }) => text),
    activity: isDated ? await readActivity(id, firstSeen, lastSeen, signal) : [],
    factCount: facts.totalCount,
    links: linksOf(facts),
    mentions: mentions.edges.map((edge) => edge.node),
  };
}

/** What one post says for a fact. */
export interface Evidence {
  readonly id: string;
  readonly confidence: number;
  readonly extractor: string;
  readonly post: Post | null;
  readonly head: Mention | null;
  readonly tail: Mention | null;
}

/** A fact with what supports it. */
export interface FactDetail extends Link {
  readonly createdAt: string;
  readonly evidence: readonly Evidence[];
}

/** A fact with its evidence, earliest first; undefined when it is gone. */
export async function readFact(id: string, signal: AbortSignal): Promise<FactDetail | undefined> {
  const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on Fact { ${FACT} createdAt head { ${END} } tail { ${END} }
    evidence(first: 100, after: $after) { edges { node { id confidence extractor head { ${SPAN} } tail { ${SPAN} } post { ${POST} } } }
      pageInfo { hasNextPage endCursor } } } } }`;
  type Answer = LinkAnswer & {
    readonly createdAt: string;
    readonly evidence: Edges<Evidence> & {
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
  const evidence: Evidence[] = [];
  let after: string | null = null;
  for (;;) {
    const answer: { readonly node: Answer | null } = await ask(query, { id, after }, signal);
    const { node } = answer;
    if (!node?.head || !node.tail) return undefined;
    evidence.push(...node.evidence.edges.map((edge) => edge.node));
    const { evidence: page, createdAt, head, tail, ...fact } = node;
    if (page.pageInfo.hasNextPage && evidence.length < MAX_EVIDENCE) {
      after = page.pageInfo.endCursor;
      continue;
    }
    return { fact: factOf(fact, head, tail), head, tail, createdAt, evidence };
  }
}

/** How many links entities have. */
export async function readLinkCounts(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Entity { id facts(first: 1) { totalCount } } } }`;
  type Answer = {
    readonly nodes: readonly ({ readonly id?: string; readonly facts?: { readonly totalCount: number } } | null)[];
  };
  const { nodes } = await ask<Answer>(query, { ids });
  return new Map(
    nodes.flatMap((node) => (node?.id !== undefined && node.facts ? [[node.id, node.facts.totalCount]] : [])),
  );
}

/** A shortest path between two entities: its links in order. Undefined when there is none within six links. */
export async function readPath(
  from: string,
  to: string,
  minConfidence: number,
  signal: AbortSignal,
): Promise<{ readonly entities: readonly Entity[]; readonly links: readonly Link[] } | undefined> {
  const query = `query ($from: ID!, $to: ID!, $minConfidence: Float) { path(from: $from, to: $to, maxDepth: 6, minConfidence: $minConfidence) {
    paths { entities { ${END} } facts { ${FACT} head { ${END} } tail { ${END} } } } } }`;
  type Answer = {
    readonly path: {
      readonly paths: readonly { readonly entities: readonly Entity[]; readonly facts: readonly LinkAnswer[] }[];
    };
  };
  const answer = await ask<Answer>(query, { from, to, minConfidence }, signal);
  const [first] = answer.path.paths;
  return first && { entities: first.entities, links: linksOf({ edges: first.facts.map((node) => ({ node })) }) };
}

/** An entity that is mentioned more than before. */
export interface Rise {
  readonly entity: Entity;
  readonly mentions: number;
  readonly mentionsBefore: number;
}

/** Entities that are mentioned more in a window of time than in the one before, the clearest rise first. */
export async function readTrending(window: string): Promise<readonly Rise[]> {
  const query = `query ($window: String) { trending(window: $window, first: 10) { entities { entity { ${END} } mentions mentionsBefore } } }`;
  const answer = await ask<{ trending: { readonly entities: readonly Rise[] } }>(query, { window });
  return answer.trending.entities;
}

/** A part of time, and how often an entity was mentioned in it. */
export interface Bar {
  readonly start: string;
  readonly mentions: number;
}

/** Bars an activity has, about. */
const BARS = 30;

/** When an entity was mentioned, over the whole time in which it was. */
export async function readActivity(
  id: string,
  firstSeen: string,
  lastSeen: string,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const minutes = Math.max(1, Math.ceil((Date.parse(lastSeen) - Date.parse(firstSeen)) / 60_000 / BARS));
  const variables = {
    id,
    bucket: `${minutes}m`,
    from: firstSeen,
    to: new Date(Date.parse(lastSeen) + 1).toISOString(),
  };
  const query = `query ($id: ID, $bucket: String, $from: DateTime, $to: DateTime) {
    entity(id: $id) { timeline(bucket: $bucket, from: $from, to: $to) { start mentions } } }`;
  const answer = await ask<{ entity: { readonly timeline: readonly Bar[] } | null }>(query, variables, signal);
  return answer.entity?.timeline ?? [];
}
