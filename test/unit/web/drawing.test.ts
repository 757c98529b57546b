import { expect, test } from 'vitest';
import type { Link } from '../../../web/src/data/rows.ts';
import { createDrawnGraph, drawChange, wholeOf } from '../../../web/src/graph/drawn-graph.ts';
import { boxOf, distanceOf, easeTo } from '../../../web/src/graph/frame.ts';
import type { StageLook } from '../../../web/src/graph/look.ts';
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
  return { ...plain, pinned: NONE, path: EMPTY, words, hiddenOf: new Map(), ...change };
}
const NONE: readonly string[] = [];
const EMPTY: ReadonlySet<string> = new Set();
const words = (type: string) => type;

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
