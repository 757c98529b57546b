import type { EdgeDisplayData, NodeDisplayData } from 'sigma/types';
import type { DrawnGraph, EdgeLook, NodeLook } from './drawn-graph.ts';
import { kindIndex, type Palette } from './palette.ts';

/** What decides how the graph looks. */
export interface StageLook {
  readonly palette: Palette;
  readonly facts: ReadonlySet<string>;
  readonly entities: ReadonlySet<string>;
  readonly selected: string;
  /** Entities that something is to be done with together. */
  readonly chosen: ReadonlySet<string>;
  readonly pinned: readonly string[];
  /** Entities and facts of a path; empty while there is none. */
  readonly path: ReadonlySet<string>;
  /** Words on edges. */
  readonly words: (type: string) => string;
  /** Neighbours of an entity that are not on the page. */
  readonly hiddenOf: ReadonlyMap<string, number>;
  /** By this time links are old and fade, epoch milliseconds; 0 lets none fade. */
  readonly nowMs: number;
}

/** What lies around the thing somebody looks at or points at. */
export interface Focus {
  /** Entity or fact; empty for none. */
  readonly id: string;
  /** The entity with its neighbours, or the ends of the fact. */
  readonly near: ReadonlySet<string>;
}

/** Without anything in focus. */
export const NO_FOCUS: Focus = { id: '', near: new Set() };

/** Nodes from which on they are drawn smaller. */
const LARGE = 250;

/** Neighbours up to which each has its name. */
const MANY_NEIGHBOURS = 30;

/** Chosen entities up to which each is ringed, and has its name. */
const MANY_CHOSEN = 30;

/** Ages from which on a link is drawn a shade fainter, milliseconds: 2 and 15 minutes, 2 hours, a day. */
const FADES_MS = [120_000, 900_000, 7_200_000, 86_400_000];

/** How many shades fainter a link of this age is drawn. */
export function fadeOf(ageMs: number): number {
  return FADES_MS.filter((fadeMs) => ageMs >= fadeMs).length;
}

/** What is around an entity or a fact. */
export function focusOn(graph: DrawnGraph, id: string): Focus {
  if (graph.hasNode(id)) return { id, near: new Set([id, ...graph.neighbors(id)]) };
  if (graph.hasEdge(id)) return { id, near: new Set(graph.extremities(id)) };
  return NO_FOCUS;
}

/** Nodes and edges in whose place others are drawn that cost less: points and fine lines. */
export function isMuch(graph: DrawnGraph): boolean {
  return graph.order > 800 || graph.size > 1200;
}

/** How a node looks. */
export function lookOfNode(
  graph: DrawnGraph,
  look: StageLook,
  focus: Focus,
  id: string,
  data: NodeLook,
): Partial<NodeDisplayData> {
  const { palette, entities, selected, chosen, pinned, hiddenOf, path } = look;
  const { near } = focus;
  const isChosen = chosen.has(id);
  const isRinged = id === selected || (isChosen && chosen.size <= MANY_CHOSEN);
  const isFocus = isRinged || id === focus.id;
  const isDimmed = path.size > 0 ? !path.has(id) : near.size > 0 && !near.has(id);
  const isPinned = pinned.includes(id);
  const more = hiddenOf.get(id) ?? 0;
  return {
    x: data.x,
    y: data.y,
    type: isMuch(graph) ? 'point' : 'circle',
    size: data.size * Math.min(1, Math.sqrt(LARGE / graph.order)),
    color: isChosen ? palette.accent : isDimmed ? palette.faint : (palette.kinds[kindIndex(data.kind)] ?? palette.edge),
    label: `${data.label}${isPinned ? ' 📌' : ''}${more > 0 ? ` +${more}` : ''}`,
    hidden: !entities.has(id),
    highlighted: isRinged,
    forceLabel: isFocus || isPinned || path.has(id) || (near.size < MANY_NEIGHBOURS && near.has(id)),
    zIndex: isChosen || isFocus ? 3 : isDimmed ? 0 : 1,
  };
}

/** How an edge looks; `pulse` is how much of its pulse is left, 1 to 0. */
export function lookOfEdge(
  graph: DrawnGraph,
  look: StageLook,
  focus: Focus,
  id: string,
  data: EdgeLook,
  pulse: number,
): Partial<EdgeDisplayData> {
  const { palette, facts, selected, words, path, nowMs } = look;
  const touches =
    id === focus.id || (focus.near.size > 0 && graph.hasNode(focus.id) && graph.hasExtremity(id, focus.id));
  const isLit = id === selected || path.has(id);
  const isDimmed = path.size > 0 ? !path.has(id) : focus.near.size > 0 && !touches;
  const standsOut = isLit || pulse > 0;
  return {
    size: 1 + 1.6 * data.confidence + 4 * pulse + (isLit ? 2 : 0),
    color: standsOut
      ? palette.accent
      : isDimmed
        ? palette.faint
        : (palette.ages[fadeOf(nowMs - data.seenMs)] ?? palette.edge),
    label: touches || isLit ? words(data.kind) : '',
    forceLabel: touches || isLit,
    hidden: !facts.has(id),
    type: isMuch(graph) ? (standsOut ? 'band' : 'line') : 'arrow',
    zIndex: standsOut ? 2 : isDimmed ? 0 : 1,
  };
}
