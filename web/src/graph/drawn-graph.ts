import { MultiDirectedGraph } from 'graphology';
import type { GraphChange, GraphModel } from '../state/graph-model.ts';

/** What is drawn for an entity. */
export interface NodeLook {
  x: number;
  y: number;
  size: number;
  label: string;
  kind: string;
  fixed: boolean;
}

/** What is drawn for a fact. */
export interface EdgeLook {
  kind: string;
  confidence: number;
  /** When a post said it last, epoch milliseconds. */
  seenMs: number;
}

/** The graph as it is drawn. */
export type DrawnGraph = MultiDirectedGraph<NodeLook, EdgeLook>;

/** An empty one. */
export function createDrawnGraph(): DrawnGraph {
  return new MultiDirectedGraph<NodeLook, EdgeLook>();
}

/** Size of a node with so many links. */
export function sizeOf(degree: number): number {
  return 4 + 2.2 * Math.sqrt(degree);
}

/** All of a model, as if it came at once. */
export function wholeOf(model: GraphModel): GraphChange {
  const none: readonly string[] = [];
  return {
    addedEntities: [...model.entities.keys()],
    renamedEntities: none,
    addedFacts: [...model.facts.keys()],
    changedFacts: none,
    removedEntities: none,
    removedFacts: none,
    isNews: false,
  };
}

/** Brings a change of the model into the drawn graph. New nodes come beside one they are linked to, so that nothing else has to move. */
export function drawChange(graph: DrawnGraph, model: GraphModel, change: GraphChange): void {
  for (const id of change.removedFacts) if (graph.hasEdge(id) && !model.facts.has(id)) graph.dropEdge(id);
  for (const id of change.removedEntities) if (graph.hasNode(id) && !model.entities.has(id)) graph.dropNode(id);
  for (const id of change.renamedEntities) {
    if (graph.hasNode(id)) graph.setNodeAttribute(id, 'label', shorten(model.entities.get(id)?.name ?? ''));
  }
  for (const id of change.changedFacts) {
    const { confidence, lastSeenMs } = model.facts.get(id) ?? {};
    if (confidence === undefined || lastSeenMs === undefined || !graph.hasEdge(id)) continue;
    const look = graph.getEdgeAttributes(id);
    if (look.confidence !== confidence || look.seenMs !== lastSeenMs)
      graph.mergeEdgeAttributes(id, { confidence, seenMs: lastSeenMs });
  }
  const reach = change.addedEntities.length > 0 ? reachOf(graph) : 0;
  const touched = new Set<string>();
  for (const factId of change.addedFacts) {
    const fact = model.facts.get(factId);
    if (!fact || graph.hasEdge(factId)) continue;
    for (const [id, other] of [
      [fact.headId, fact.tailId],
      [fact.tailId, fact.headId],
    ] as const) {
      if (graph.hasNode(id)) continue;
      const { name = '', type = '' } = model.entities.get(id) ?? {};
      const place = placeBeside(graph, id, other, reach);
      graph.addNode(id, { ...place, size: 4, label: shorten(name), kind: type, fixed: false });
    }
    const look = { kind: fact.type, confidence: fact.confidence, seenMs: fact.lastSeenMs };
    graph.addEdgeWithKey(factId, fact.headId, fact.tailId, look);
    touched.add(fact.headId).add(fact.tailId);
  }
  for (const id of touched) graph.setNodeAttribute(id, 'size', sizeOf(graph.degree(id)));
}

/** Longest name on the drawing; the panel and the table tell it whole. */
const MAX_LABEL = 40;

function shorten(name: string): string {
  // A name may turn the direction of what follows it; on the drawing it stands alone.
  const plain = name.replace(/[\p{Cc}\p{Cf}]/gu, '');
  const letters = Array.from(plain.slice(0, 2 * MAX_LABEL));
  return letters.length > MAX_LABEL ? `${letters.slice(0, MAX_LABEL).join('')}…` : letters.join('');
}

function placeBeside(graph: DrawnGraph, id: string, other: string, reach: number): { x: number; y: number } {
  const angle = angleOf(id);
  const isLinked = graph.hasNode(other);
  const { x, y } = isLinked ? graph.getNodeAttributes(other) : { x: 0, y: 0 };
  const distance = isLinked ? reach * 0.08 : reach * (0.3 + 0.7 * Math.abs(Math.sin(angle * 7)));
  return { x: x + distance * Math.cos(angle), y: y + distance * Math.sin(angle) };
}

/** How far the nodes lie from the middle. */
function reachOf(graph: DrawnGraph): number {
  let reach = 0;
  graph.forEachNode((_, { x, y }) => {
    reach = Math.max(reach, Math.abs(x), Math.abs(y));
  });
  return reach === 0 ? 100 : reach;
}

/** The same angle for the same id every time. */
function angleOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  return ((hash >>> 0) / 2 ** 32) * 2 * Math.PI;
}
