import type { DrawnGraph } from './drawn-graph.ts';
import { edgeAt } from './edge-at.ts';
import { listenToLasso } from './lasso.ts';
import type { PacedSigma } from './paced-sigma.ts';

/** What a person does to the drawing. */
export interface StageHands {
  onSelect(id: string): void;
  /** One is to be chosen, or not any more. */
  onChoose(id: string): void;
  /** These are to be chosen, too. */
  onLasso(ids: readonly string[]): void;
  onExpand(id: string): void;
  onPin(id: string): void;
}

/** What the drawing has to do with it. */
interface Held {
  /** Facts that are shown: others cannot be pressed. */
  facts(): ReadonlySet<string>;
  entities(): ReadonlySet<string>;
  onHover(id: string): void;
  onHold(): void;
  onMoved(): void;
}

/** How far the pointer goes before what it holds is dragged, pixels: a hand trembles while it presses. */
const TREMOR = 4;

/** How near an edge is pressed, pixels. */
const NEAR = 6;

/** Lets a person press, drag and point at what is drawn. Gives a function that tells whether something is being dragged. */
export function listenToHands(sigma: PacedSigma, graph: DrawnGraph, hands: StageHands, held: Held): () => boolean {
  let dragged: string | undefined;
  let hasMoved = false;
  let pressedAt = { x: 0, y: 0 };
  /** How near an edge is pressed, in units of the layout. */
  const reach = () => {
    const [a, b] = [sigma.viewportToGraph({ x: 0, y: 0 }), sigma.viewportToGraph({ x: NEAR, y: 0 })];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  sigma.on('clickNode', ({ node, event }) => {
    if (hasMoved) return;
    if (event.original.shiftKey) hands.onChoose(node);
    else hands.onSelect(node);
  });
  sigma.on('clickStage', ({ event }) => {
    if (event.original.shiftKey) return;
    hands.onSelect(edgeAt(graph, held.facts(), sigma.viewportToGraph(event), reach()));
  });
  sigma.on('doubleClickNode', ({ node, event, preventSigmaDefault }) => {
    preventSigmaDefault();
    // Two that are chosen quickly come as a double click on the second.
    if (event.original.shiftKey) hands.onChoose(node);
    else hands.onExpand(node);
  });
  listenToLasso(sigma, graph, held.entities, hands.onLasso);
  sigma.on('enterNode', ({ node }) => held.onHover(node));
  sigma.on('leaveNode', () => held.onHover(''));
  sigma.on('downNode', ({ node, event }) => {
    dragged = node;
    pressedAt = { x: event.x, y: event.y };
    hasMoved = false;
    held.onHold();
  });
  sigma.on('moveBody', ({ event }) => {
    if (dragged === undefined || !graph.hasNode(dragged)) return;
    hasMoved ||= Math.hypot(event.x - pressedAt.x, event.y - pressedAt.y) >= TREMOR;
    event.preventSigmaDefault();
    event.original.preventDefault();
    if (!hasMoved) return;
    sigma.takeInHand();
    graph.mergeNodeAttributes(dragged, { ...sigma.viewportToGraph(event), fixed: true });
  });
  const drop = () => {
    if (dragged !== undefined && hasMoved) {
      hands.onPin(dragged);
      held.onMoved();
    }
    dragged = undefined;
  };
  sigma.on('upNode', drop);
  sigma.on('upStage', drop);
  return () => dragged !== undefined;
}
