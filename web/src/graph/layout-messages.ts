/** Numbers a node has in the layout's matrix. */
export const NODE_STRIDE = 10;

/** Numbers an edge has in the layout's matrix. */
export const EDGE_STRIDE = 3;

/** A graph to lay out, to the worker. */
export interface LayoutTask {
  readonly version: number;
  readonly nodes: Float32Array<ArrayBuffer>;
  readonly edges: Float32Array<ArrayBuffer>;
  /** Steps until it rests. */
  readonly steps: number;
}

/** Where the nodes are, from the worker: x and y of each, in the order of the task. */
export interface LayoutAnswer {
  readonly version: number;
  readonly positions: Float32Array<ArrayBuffer>;
  readonly isDone: boolean;
}
