import type { Entity, Fact, Link } from './rows.ts';

/** Fields of a fact. */
export const FACT = 'id type confidence maxConfidence evidenceCount sourceCount authorCount firstSeen lastSeen';

/** Fields of an entity at the end of a fact. */
export const END = 'id name type';

/** Fields of a post. */
export const POST = `id version platform text url createdAt skipped author { id handle name } pictures { source outcome thumbnailUrl regions { left top right bottom } }
  mentions { id text start end type confidence entity { ${END} } }`;

/** A fact as the API has it. */
export type FactAnswer = Omit<Fact, 'headId' | 'tailId' | 'firstSeenMs' | 'lastSeenMs'> & {
  readonly firstSeen: string;
  readonly lastSeen: string;
};

/** A fact with its ends; an end is missing when it went while the answer was made. */
export type LinkAnswer = FactAnswer & { readonly head: Entity | null; readonly tail: Entity | null };

/** A list of the API. */
export interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}

/** The links of a list. */
export function linksOf(list: Edges<LinkAnswer>): readonly Link[] {
  return list.edges.flatMap(({ node }) => {
    const { head, tail, ...fact } = node;
    return head && tail ? [{ fact: factOf(fact, head, tail), head, tail }] : [];
  });
}

/** A fact as the page knows it. */
export function factOf({ firstSeen, lastSeen, ...fact }: FactAnswer, head: Entity, tail: Entity): Fact {
  const times = { firstSeenMs: Date.parse(firstSeen), lastSeenMs: Date.parse(lastSeen) };
  return { ...fact, headId: head.id, tailId: tail.id, ...times };
}
