import { type Edges, END, FACT, type FactAnswer, factOf, type LinkAnswer, linksOf, POST } from './fragments.ts';
import type { FactEvent, Link, Post, Stats } from './rows.ts';
import { ask, server } from './server.ts';

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
export async function* readNewestLinks(signal?: AbortSignal, entity?: string): AsyncIterable<readonly Link[]> {
  const query = `query ($entity: ID, $after: String) { facts(entity: $entity, first: 100, after: $after) {
    edges { node { ${FACT} head { ${END} } tail { ${END} } } } pageInfo { hasNextPage endCursor } } }`;
  let after: string | null = null;
  do {
    const answer: {
      facts: Edges<LinkAnswer> & { pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    } = await ask(query, { entity, after }, signal);
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
