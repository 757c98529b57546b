import { type Edges, END, FACT, factOf, type LinkAnswer, linksOf, POST } from './fragments.ts';
import type { Entity, Link, Mention, Post } from './rows.ts';
import { ask } from './server.ts';

const SPAN = 'id text start end type confidence';

/** Most pieces of evidence a page shows at once. */
const MAX_EVIDENCE = 500;

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
    mentions(first: 20) { edges { node { id text start end type confidence entity { ${END} } post { ${POST} } } } } } }`;
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
