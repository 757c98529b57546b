import type { Span } from './decode-mentions.ts';
import type { RelationSchema } from './relation-schema.ts';

/** Two mentions in text order, as indices into the post's mentions. */
export interface Pair {
  readonly first: number;
  readonly second: number;
}

/**
 * Pairs of mentions between which a relation is possible, in text order, which is also the order of `spans`.
 *
 * Of more than `maxPairs` the closest are kept; equally close ones in text order.
 */
export function pairMentions(spans: readonly Span[], schema: RelationSchema, maxPairs: number): Pair[] {
  const pairs: (Pair & { distance: number })[] = [];
  spans.forEach((a, first) => {
    let found = 0;
    // Later mentions are farther away, so those beyond the first `maxPairs` can never be among the closest.
    for (let second = first + 1; second < spans.length && found < maxPairs; second++) {
      const b = spans[second] as Span;
      if (schema.legal(a.type, b.type).length === 0) continue;
      pairs.push({ first, second, distance: b.start - a.end });
      found++;
    }
  });
  const closest = pairs.sort((a, b) => a.distance - b.distance || byPlace(a, b)).slice(0, maxPairs);
  return closest.sort(byPlace).map(({ first, second }) => ({ first, second }));
}

function byPlace(a: Pair, b: Pair): number {
  return a.first - b.first || a.second - b.second;
}
