import type { RePart } from '../manifest.ts';
import type { Span } from './decode-mentions.ts';
import type { RelationSchema } from './relation-schema.ts';

/** Two mentions in text order, as indices into the post's mentions. */
export interface Pair {
  readonly first: number;
  readonly second: number;
}

/** A pair as the classifier is shown it: which mention gets the head's markers, which the tail's. */
export interface Presentation {
  readonly head: number;
  readonly tail: number;
}

/**
 * Pairs of mentions between which a relation is possible, in text order, which is also the order of `spans`.
 *
 * Of more than `maxPairs` the closest are kept; equally close ones in text order.
 */
export function pairMentions(
  spans: readonly Span[],
  schema: RelationSchema,
  order: RePart['pairs'],
  maxPairs: number,
): Pair[] {
  const pairs: (Pair & { distance: number })[] = [];
  spans.forEach((a, first) => {
    let found = 0;
    // Later mentions are farther away, so those beyond the first `maxPairs` can never be among the closest.
    for (let second = first + 1; second < spans.length && found < maxPairs; second++) {
      const b = spans[second] as Span;
      if (present({ first, second }, spans, schema, order).length === 0) continue;
      pairs.push({ first, second, distance: b.start - a.end });
      found++;
    }
  });
  const closest = pairs.sort((a, b) => a.distance - b.distance || byPlace(a, b)).slice(0, maxPairs);
  return closest.sort(byPlace).map(({ first, second }) => ({ first, second }));
}

/**
 * How the classifier is shown a pair; empty when no relation fits its types.
 *
 * In `text` order once, the first mention as head. In `canonical` order as the relations' names put the two types, and in both
 * orders where the types are equal or where relations exist in both directions.
 */
export function present(
  pair: Pair,
  spans: readonly Pick<Span, 'type'>[],
  schema: RelationSchema,
  order: RePart['pairs'],
): Presentation[] {
  const forward = { head: pair.first, tail: pair.second };
  const orders = order === 'text' ? [forward] : [forward, { head: pair.second, tail: pair.first }];
  const typeOf = (mention: number) => (spans[mention] as Pick<Span, 'type'>).type;
  return orders.filter(({ head, tail }) => schema.legal(typeOf(head), typeOf(tail)).length > 0);
}

function byPlace(a: Pair, b: Pair): number {
  return a.first - b.first || a.second - b.second;
}
