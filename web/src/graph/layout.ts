import type { DrawnGraph } from './drawn-graph.ts';
import { EDGE_STRIDE, type LayoutAnswer, type LayoutTask, NODE_STRIDE } from './layout-messages.ts';

/** Keeps the nodes of a graph apart and linked ones together, in a thread of its own. */
export class Layout {
  readonly #graph: DrawnGraph;
  readonly #onMove: () => void;
  readonly #worker = new Worker(new URL('layout-worker.ts', import.meta.url), { type: 'module' });
  #version = 0;
  #order: readonly string[] = [];

  constructor(graph: DrawnGraph, onMove: () => void) {
    this.#graph = graph;
    this.#onMove = onMove;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => this.#take(data));
  }

  /** Lays the graph out from where its nodes are; a few steps let it settle, many untangle it. */
  run(steps: number): void {
    const graph = this.#graph;
    const nodes = new Float32Array(graph.order * NODE_STRIDE);
    const edges = new Float32Array(graph.size * EDGE_STRIDE);
    const places = new Map<string, number>();
    let i = 0;
    graph.forEachNode((id, { x, y, size, fixed }) => {
      places.set(id, i);
      nodes.set([x, y, 0, 0, 0, 0, 1 + graph.degree(id), 1, size, fixed ? 1 : 0], i);
      i += NODE_STRIDE;
    });
    let j = 0;
    graph.forEachEdge((_, __, head, tail) => {
      edges.set([places.get(head) ?? 0, places.get(tail) ?? 0, 1], j);
      j += EDGE_STRIDE;
    });
    this.#order = [...places.keys()];
    const task: LayoutTask = { version: ++this.#version, nodes, edges, steps };
    if (graph.order > 0) this.#worker.postMessage(task, [nodes.buffer, edges.buffer]);
  }

  close(): void {
    this.#worker.terminate();
  }

  #take({ version, positions }: LayoutAnswer): void {
    if (version !== this.#version) return;
    const places = new Map(this.#order.map((id, i) => [id, i]));
    this.#graph.updateEachNodeAttributes(
      (id, attributes) => {
        const i = places.get(id);
        if (i === undefined || attributes.fixed) return attributes;
        attributes.x = positions[2 * i] ?? attributes.x;
        attributes.y = positions[2 * i + 1] ?? attributes.y;
        return attributes;
      },
      { attributes: ['x', 'y'] },
    );
    this.#onMove();
  }
}
