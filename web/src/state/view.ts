import type { Entity, Fact } from '../data/rows.ts';

/** Spans of time a view can be cut to, with their lengths in milliseconds. */
export const WINDOWS = {
  '': Number.POSITIVE_INFINITY,
  '15m': 900_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
} as const;

export type Window = keyof typeof WINDOWS;

/** How the selection is shown. */
export type Shape = 'graph' | 'table';

/** What a person made of the graph: everything that an address holds, so that a view can be sent to somebody. */
export interface View {
  /** Entity types that are switched off. */
  readonly offTypes: readonly string[];
  /** Relation types that are switched off. */
  readonly offRelations: readonly string[];
  readonly minConfidence: number;
  readonly minSources: number;
  /** Only facts that a post of this time supports. */
  readonly window: Window;
  /** Id of the entity or fact that is looked at. */
  readonly selected: string;
  /** Entities that something is to be done with together. */
  readonly chosen: readonly string[];
  /** Entities that stay where they are and on the page. */
  readonly pinned: readonly string[];
  readonly hidden: readonly string[];
  /** Entities whose links were all asked for. */
  readonly expanded: readonly string[];
  /** The two ends of a path; empty while none is asked for. */
  readonly path: readonly string[];
  readonly shape: Shape;
  /** Most entities on the page. */
  readonly limit: number;
}

/** A view that nobody has changed. */
export const PLAIN_VIEW: View = {
  offTypes: [],
  offRelations: [],
  minConfidence: 0,
  minSources: 1,
  window: '',
  selected: '',
  chosen: [],
  pinned: [],
  hidden: [],
  expanded: [],
  path: [],
  shape: 'graph',
  limit: 500,
};

/** Links on the page at most, for each entity that may be there. */
export const LINKS_PER_ENTITY = 3;

/** Most entities a page can draw. */
export const MAX_LIMIT = 2000;

/** True when the filters let a fact through; its ends are another matter. */
export function isFactWanted(view: View, fact: Fact, nowMs: number): boolean {
  return (
    fact.confidence >= view.minConfidence &&
    fact.sourceCount >= view.minSources &&
    fact.lastSeenMs >= nowMs - WINDOWS[view.window] &&
    !view.offRelations.includes(fact.type)
  );
}

/** True when the filters let an entity through. */
export function isEntityWanted(view: View, entity: Entity): boolean {
  return !view.offTypes.includes(entity.type) && !view.hidden.includes(entity.id);
}
