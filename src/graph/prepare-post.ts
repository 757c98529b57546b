import type { Extraction } from '../domain/extraction.ts';
import { type Step, stepOf } from './plan/steps.ts';

/** An extraction with all worked out for its storing that needs no look at the graph: ids, keys of entities and sources. Plain data. */
export type PreparedPost = Step;

const prepared = new WeakMap<Extraction, PreparedPost>();

/**
 * Prepares an extraction for storing, once: a store does so when it is given one, and whoever has it before, while others are
 * written, leaves the store less to do.
 *
 * @throws {GRAPH_REJECTED} when it contradicts itself: a version, time or mention that does not exist.
 */
export function preparePost(extraction: Extraction): PreparedPost {
  const known = prepared.get(extraction) ?? stepOf(extraction);
  prepared.set(extraction, known);
  return known;
}
