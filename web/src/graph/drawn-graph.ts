import { MultiDirectedGraph } from 'graphology';
import type { GraphModel } from '../state/graph-model.ts';

/** What is drawn for an entity. */
export interface NodeLook {
  x: number;
  y: number;
  size: number;
  label: string;
  kind: string;
  fixed: boolean;
  /** How much of its pulse is left, 1 to 0. */
  pulse: number;
}

/** What is drawn for a fact. */
export interface EdgeLook {
  kind: string;
  confidence: number;
  pulse: number;
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

/** Brings the drawn graph up to the model. New nodes come beside one they are linked to, so that nothing else has to move. */
export function drawModel(graph: DrawnGraph, model: GraphModel): { added: readonly string[]; changed: boolean } {
  const gone = graph.filterNodes((id) => !model.entities.has(id));
  for (const id of graph.filterEdges((id) => !model.facts.has(id))) graph.dropEdge(id);
  for (const id of gone) graph.dropNode(id);
  const added: string[] = [];
  const touched = new Set<string>();
  const reach = reachOf(graph);
  for (const fact of model.facts.values()) {
    if (graph.hasEdge(fact.id)) {
      if (graph.getEdgeAttribute(fact.id, 'confidence') !== fact.confidence) {
        graph.setEdgeAttribute(fact.id, 'confidence', fact.confidence);
      }
      continue;
    }
    for (const [id, other] of [
      [fact.headId, fact.tailId],
      [fact.tailId, fact.headId],
    ] as const) {
      if (graph.hasNode(id)) continue;
      const { name = '', type = '' } = model.entities.get(id) ?? {};
      graph.addNode(id, {
        ...placeBeside(graph, id, other, reach),
        size: 4,
        label: shorten(name),
        kind: type,
        fixed: false,
        pulse: 0,
      });
    }
    graph.addEdgeWithKey(fact.id, fact.headId, fact.tailId, { kind: fact.type, confidence: fact.confidence, pulse: 0 });
    added.push(fact.id);
    touched.add(fact.headId).add(fact.tailId);
  }
  for (const id of touched) graph.setNodeAttribute(id, 'size', sizeOf(graph.degree(id)));
  for (const entity of model.entities.values()) {
    const label = shorten(entity.name);
    if (graph.hasNode(entity.id) && graph.getNodeAttribute(entity.id, 'label') !== label) {
      graph.setNodeAttribute(entity.id, 'label', label);
    }
  }
  return { added, changed: added.length > 0 || gone.length > 0 };
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
