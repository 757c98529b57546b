import type { DrawnGraph } from './drawn-graph.ts';

/**
 * The edge nearest to a point, among those that are shown, or empty when none is within reach. Letting the drawing find it
 * would have every edge drawn twice.
 */
export function edgeAt(
  graph: DrawnGraph,
  shown: ReadonlySet<string>,
  point: { readonly x: number; readonly y: number },
  reach: number,
): string {
  let nearest = '';
  let least = reach;
  graph.forEachEdge((id, _, __, ___, head, tail) => {
    if (!shown.has(id)) return;
    const [dx, dy] = [tail.x - head.x, tail.y - head.y];
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : ((point.x - head.x) * dx + (point.y - head.y) * dy) / length;
    const at = Math.min(1, Math.max(0, along));
    const distance = Math.hypot(point.x - head.x - at * dx, point.y - head.y - at * dy);
    if (distance >= least) return;
    least = distance;
    nearest = id;
  });
  return nearest;
}
