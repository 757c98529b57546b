import type { DrawnGraph } from './drawn-graph.ts';
import type { PacedSigma } from './paced-sigma.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Lets a person draw a line around entities while Shift is held, and tells which of those that are shown lie within. */
export function listenToLasso(
  sigma: PacedSigma,
  graph: DrawnGraph,
  shown: () => ReadonlySet<string>,
  onLasso: (ids: readonly string[]) => void,
): void {
  const sheet = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
  sheet.setAttribute('class', 'lasso');
  sheet.append(line);
  let points: Point[] | undefined;
  sigma.on('downStage', ({ event }) => {
    if (!event.original.shiftKey) return;
    points = [{ x: event.x, y: event.y }];
    sigma.getContainer().append(sheet);
  });
  sigma.on('moveBody', ({ event }) => {
    if (!points) return;
    points.push({ x: event.x, y: event.y });
    line.setAttribute('points', points.map(({ x, y }) => `${x},${y}`).join(' '));
    event.preventSigmaDefault();
    event.original.preventDefault();
  });
  const end = () => {
    const around = points;
    points = undefined;
    sheet.remove();
    line.removeAttribute('points');
    if (!around || around.length < 3) return;
    const within = [...shown()].filter(
      (id) => graph.hasNode(id) && isWithin(sigma.graphToViewport(graph.getNodeAttributes(id)), around),
    );
    if (within.length > 0) onLasso(within);
  };
  sigma.on('upStage', end);
  sigma.on('upNode', end);
  sigma.on('leaveStage', end);
}

/** True when a point lies within a line that is closed: a ray from it crosses the line an odd number of times. */
export function isWithin({ x, y }: Point, line: readonly Point[]): boolean {
  let isIn = false;
  for (const [i, a] of line.entries()) {
    const b = line[(i + 1) % line.length] ?? a;
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) isIn = !isIn;
  }
  return isIn;
}
