import type { DrawnGraph } from './drawn-graph.ts';

/** A part of the layout. */
export interface Box {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Part of the way that the frame of the drawing goes at a time, and how near is there, in parts of its width. */
const EASE = 0.12;
const EASED = 0.002;

/** The least box that holds all nodes; undefined without any. */
export function boxOf(graph: DrawnGraph): Box | undefined {
  if (graph.order === 0) return undefined;
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  graph.forEachNode((_, { x, y }) => {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  });
  return { x: [left, right], y: [bottom, top] };
}

/** The box on the way from one to another, and whether it is there. */
export function easeTo(from: Box, to: Box): { readonly box: Box; readonly isThere: boolean } {
  const width = widthOf(to);
  const step = (a: number, b: number) => (Math.abs(b - a) < width * EASED ? b : a + (b - a) * EASE);
  const box: Box = {
    x: [step(from.x[0], to.x[0]), step(from.x[1], to.x[1])],
    y: [step(from.y[0], to.y[0]), step(from.y[1], to.y[1])],
  };
  return { box, isThere: distanceOf(from, to) === 0 };
}

/** How far the sides of two boxes are from each other, in parts of the width of the second. */
export function distanceOf(from: Box, to: Box): number {
  const sides = [from.x[0] - to.x[0], from.x[1] - to.x[1], from.y[0] - to.y[0], from.y[1] - to.y[1]];
  return Math.max(...sides.map(Math.abs)) / (widthOf(to) || 1);
}

function widthOf({ x, y }: Box): number {
  return Math.max(x[1] - x[0], y[1] - y[0]);
}
