import { ask } from './ask.ts';
import { follow } from './follow.ts';
import type { Entity, Fact, FactEvent, Link, Post, Stats } from './rows.ts';

const FACT = `id type confidence maxConfidence evidenceCount sourceCount authorCount firstSeen lastSeen`;
const END = 'id name type';
const POST = `id platform text url createdAt skipped author { id handle name } pictures { source outcome }
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

/** The newest posts, newest first, with the sizes of the graph at that time. */
export async function readNewestPosts(first: number): Promise<{ posts: readonly Post[]; stats: Stats }> {
  const query = `query ($first: Int) { stats { posts entities facts mentions eventCursor }
    posts(first: $first) { edges { node { ${POST} } } } }`;
  const answer = await ask<{ stats: Stats; posts: Edges<Post> }>(query, { first });
  return { posts: answer.posts.edges.map((edge) => edge.node), stats: answer.stats };
}

/** Changes of the graph after the cursor, then as they come. */
export async function* followFacts(since: string, signal: AbortSignal): AsyncIterable<FactEvent> {
  const query = `subscription ($since: String) { factEvents(since: $since) {
    cursor kind gap movedFrom remains fact { ${FACT} } head { ${END} } tail { ${END} } } }`;
  type EventAnswer = Omit<FactEvent, 'fact'> & { readonly fact: FactAnswer };
  for await (const { factEvents: event } of follow<{ factEvents: EventAnswer }>(query, { since }, signal)) {
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
