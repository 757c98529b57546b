import { type Edges, END, FACT, type LinkAnswer, linksOf } from './fragments.ts';
import type { Entity, Link } from './rows.ts';
import { ask } from './server.ts';

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
