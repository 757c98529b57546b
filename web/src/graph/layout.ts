import type { DrawnGraph, NodeLook } from './drawn-graph.ts';
import { EDGE_STRIDE, type LayoutAnswer, type LayoutTask, NODE_STRIDE } from './layout-messages.ts';

/** Steps after a few links came in, and after the graph was read. */
const SETTLE_STEPS = 40;
const UNTANGLE_STEPS = 400;

/** Nodes from which on a step takes long: then it settles with fewer steps, and not with every link that comes. */
const MANY_NODES = 800;
const SETTLE_STEPS_OF_MANY = 8;
const SETTLE_EVERY_MS = 1000;

/** Keeps the nodes of a graph apart and linked ones together, in a thread of its own. */
export class Layout {
  readonly #graph: DrawnGraph;
  readonly #onMove: (isUntangling: boolean) => void;
  readonly #worker = new Worker(new URL('layout-worker.ts', import.meta.url), { type: 'module' });
  #version = 0;
  #bodies: readonly NodeLook[] = [];
  #isUntangling = false;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(graph: DrawnGraph, onMove: (isUntangling: boolean) => void) {
    this.#graph = graph;
    this.#onMove = onMove;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => this.#take(data));
  }

  /** Lays out a graph that was read. */
  untangle(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#isUntangling = true;
    this.#run(UNTANGLE_STEPS);
  }

  /** Makes room for what came in. */
  settle(): void {
    const isLarge = this.#graph.order > MANY_NODES;
    // What is being untangled goes on with what came in, until it is.
    if (!isLarge) return this.#run(this.#isUntangling ? UNTANGLE_STEPS : SETTLE_STEPS);
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#run(this.#isUntangling ? UNTANGLE_STEPS : SETTLE_STEPS_OF_MANY);
    }, SETTLE_EVERY_MS);
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#worker.terminate();
  }

  #run(steps: number): void {
    const graph = this.#graph;
    const nodes = new Float32Array(graph.order * NODE_STRIDE);
    const edges = new Float32Array(graph.size * EDGE_STRIDE);
    const places = new Map<string, number>();
    const bodies: NodeLook[] = [];
    let i = 0;
    graph.forEachNode((id, body) => {
      places.set(id, i);
      bodies.push(body);
      nodes[i] = body.x;
      nodes[i + 1] = body.y;
      nodes[i + 6] = 1 + graph.degree(id);
      nodes[i + 7] = 1;
      nodes[i + 8] = body.size;
      nodes[i + 9] = body.fixed ? 1 : 0;
      i += NODE_STRIDE;
    });
    let j = 0;
    graph.forEachEdge((_, __, head, tail) => {
      edges[j] = places.get(head) ?? 0;
      edges[j + 1] = places.get(tail) ?? 0;
      edges[j + 2] = 1;
      j += EDGE_STRIDE;
    });
    this.#bodies = bodies;
    const task: LayoutTask = { version: ++this.#version, nodes, edges, steps };
    if (graph.order > 0) this.#worker.postMessage(task, [nodes.buffer, edges.buffer]);
  }

  #take({ version, positions, isDone }: LayoutAnswer): void {
    if (version !== this.#version) return;
    // The nodes themselves are moved: the drawing reads their places anew, and need not be told of each.
    for (const [i, body] of this.#bodies.entries()) {
      if (body.fixed) continue;
      body.x = positions[2 * i] ?? body.x;
      body.y = positions[2 * i + 1] ?? body.y;
    }
    this.#onMove(this.#isUntangling);
    if (isDone) this.#isUntangling = false;
  }
}
