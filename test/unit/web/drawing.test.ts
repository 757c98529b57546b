import { expect, test } from 'vitest';
import type { Link } from '../../../web/src/data/rows.ts';
import { createDrawnGraph, drawChange, wholeOf } from '../../../web/src/graph/drawn-graph.ts';
import { boxOf, distanceOf, easeTo } from '../../../web/src/graph/frame.ts';
import { isWithin } from '../../../web/src/graph/lasso.ts';
import { lookOfEdge, NO_FOCUS, type StageLook } from '../../../web/src/graph/look.ts';
import { differenceOf } from '../../../web/src/graph/look-difference.ts';
import { paletteOf } from '../../../web/src/graph/palette.ts';
import { GraphModel } from '../../../web/src/state/graph-model.ts';

function link(head: string, tail: string, confidence = 0.5, name = head): Link {
  const counts = { confidence, maxConfidence: confidence, evidenceCount: 1, sourceCount: 1, authorCount: 1 };
  return {
    fact: { id: `${head}-${tail}`, type: '/t', headId: head, tailId: tail, ...counts, firstSeenMs: 0, lastSeenMs: 0 },
    head: { id: head, name, type: 'PER' },
    tail: { id: tail, name: tail, type: 'ORG' },
  };
}

function lookWith(change: Partial<StageLook>): StageLook {
  const plain = { palette: paletteOf(false), facts: new Set<string>(), entities: new Set<string>(), selected: '' };
  return { ...plain, chosen: EMPTY, pinned: NONE, path: EMPTY, words, hiddenOf: new Map(), nowMs: 0, ...change };
}
const NONE: readonly string[] = [];
const EMPTY: ReadonlySet<string> = new Set();
const words = (type: string) => type;

/** The contrast of two colours, as WCAG 2 defines it. */
function contrastOf(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other].map(luminanceOf).toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test.each([false, true])('what is drawn stands out from the ground by 3:1, however old it is (dark: %s)', (isDark) => {
  const { ground, ink, edge, ages, accent, kinds } = paletteOf(isDark);
  for (const colour of [ink, edge, ...ages, accent, ...kinds])
    expect([colour, contrastOf(colour, ground) >= 3]).toEqual([colour, true]);
  expect(new Set(ages).size).toBe(ages.length);
});

test('the drawing follows the model change by change: links, names, numbers, and what goes', () => {
  const model = new GraphModel();
  const graph = createDrawnGraph();
  const follow = (change: Parameters<GraphModel['apply']>[0]) => drawChange(graph, model, model.apply(change));
  follow({ put: [link('a', 'b'), link('b', 'c')] });
  expect(graph.nodes()).toEqual(['a', 'b', 'c']);
  const { size } = graph.getNodeAttributes('b');
  expect(size).toBeGreaterThan(graph.getNodeAttribute('a', 'size'));
  follow({ put: [link('a', 'b', 0.9, 'Ada')], isNews: true });
  expect(graph.getNodeAttribute('a', 'label')).toBe('Ada');
  expect(graph.getEdgeAttribute('a-b', 'confidence')).toBe(0.9);
  follow({ drop: ['b-c'] });
  expect(graph.nodes()).toEqual(['a', 'b']);
  expect(graph.edges()).toEqual(['a-b']);
  const whole = createDrawnGraph();
  drawChange(whole, model, wholeOf(model));
  expect(whole.nodes()).toEqual(graph.nodes());
  expect(whole.edges()).toEqual(graph.edges());
});

test('with the stream only what came and went looks different; with another selection all does', () => {
  const before = lookWith({ facts: new Set(['f', 'g']), entities: new Set(['a', 'b']), hiddenOf: new Map([['a', 2]]) });
  expect(differenceOf(before, { ...before })).toEqual({ nodes: [], edges: [] });
  const after = { ...before, facts: new Set(['g', 'h']), entities: new Set(['a', 'b', 'c']), pinned: ['b'] };
  expect(differenceOf(before, { ...after, hiddenOf: new Map([['a', 3]]) })).toEqual({
    nodes: ['c', 'a', 'b'],
    edges: ['f', 'h'],
  });
  expect(differenceOf(before, { ...before, chosen: new Set(['b']) })).toEqual({ nodes: ['b'], edges: [] });
  expect(differenceOf(before, { ...before, selected: 'a' })).toBe('all');
});

test('the frame eases to what it should hold, and gets there', () => {
  const graph = createDrawnGraph();
  expect(boxOf(graph)).toBeUndefined();
  for (const [id, x, y] of [
    ['a', -1, 4],
    ['b', 3, 0],
  ] as const)
    graph.addNode(id, { x, y, size: 1, label: '', kind: '', fixed: false });
  const to = boxOf(graph);
  expect(to).toEqual({ x: [-1, 3], y: [0, 4] });
  if (!to) return;
  let box: typeof to = { x: [-10, 10], y: [-10, 10] };
  let steps = 0;
  for (let isThere = false; !isThere; steps++) {
    const next = easeTo(box, to);
    expect(distanceOf(next.box, to)).toBeLessThanOrEqual(distanceOf(box, to));
    ({ box, isThere } = next);
  }
  expect(box).toEqual(to);
  expect(steps).toBeGreaterThan(10);
});

test('a link fades with its age, where anything may; what is new or looked at does not', () => {
  const graph = createDrawnGraph();
  const { ages, accent, edge } = paletteOf(false);
  const colour = (ageMs: number, change: Partial<StageLook> = {}, pulse = 0) => {
    const look = lookWith({ facts: new Set(['f']), nowMs: 1e12, ...change });
    const data = { kind: '/t', confidence: 1, seenMs: 1e12 - ageMs };
    return lookOfEdge(graph, look, NO_FOCUS, 'f', data, pulse).color;
  };
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  expect([0, minute, 5 * minute, hour, 5 * hour, 30 * day].map((ageMs) => colour(ageMs))).toEqual([
    ages[0],
    ages[0],
    ages[1],
    ages[2],
    ages[3],
    ages[4],
  ]);
  expect(new Set(ages).size).toBe(5);
  expect(ages[0]).toBe(edge);
  expect(colour(30 * day, { nowMs: 0 })).toBe(edge);
  expect(colour(30 * day, { selected: 'f' })).toBe(accent);
  expect(colour(30 * day, {}, 0.3)).toBe(accent);
});

test('a line around something holds what lies within it, also where it turns in', () => {
  const around = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 10 },
    { x: 5, y: 3 },
    { x: 0, y: 10 },
  ];
  const within = (x: number, y: number) => isWithin({ x, y }, around);
  expect([within(1, 1), within(9, 8), within(5, 2), within(1, 8)]).toEqual([true, true, true, true]);
  expect([within(5, 8), within(-1, 5), within(11, 5), within(5, -1)]).toEqual([false, false, false, false]);
});
