import type { Convention, DetectorGraph, OutputPlan, TensorSpec } from './detector-plan.ts';

/** Where a convention's boxes and scores are, and what is usual for them. */
export type Location = Omit<OutputPlan, 'coords'> & { readonly coords: 'pixel' | 'normalized' };

/** The sides of an output [1, first, second]. */
export interface Table {
  readonly output: string;
  readonly first: number;
  readonly second: number;
}

/** Boxes and scores in outputs of their own. */
export interface Pair {
  readonly boxes: TensorSpec;
  readonly scores: TensorSpec;
  /** True when scores are one probability a box, false when they are a logit a class. */
  readonly decoded: boolean;
}

/** The output [1, first, second] of a detector that has one such; none with mask prototypes, whose coefficients are no scores. */
export function singleTable(graph: DetectorGraph): Table | undefined {
  const [table, ...others] = graph.outputs.filter(({ shape }) => shape.length === 3);
  if (!table || others.length > 0 || graph.outputs.some(({ shape }) => shape.length === 4)) return undefined;
  const [batch, first, second] = table.shape;
  if (batch !== 1 || typeof first !== 'number' || typeof second !== 'number') return undefined;
  return { output: table.name, first, second };
}

/** The boxes and scores of a detector whose outputs are named so. */
export function namedPair(graph: DetectorGraph): Pair | undefined {
  const named = (name: string) => graph.outputs.find((output) => output.name === name);
  const [boxes, scores] = [named('boxes'), named('scores')];
  if (boxes && scores) return boxes.shape.at(-1) === 4 ? { boxes, scores, decoded: true } : undefined;
  const [corners, logits] = [named('pred_boxes'), named('logits') ?? named('pred_logits')];
  const fits = corners?.shape.at(-1) === 4 && logits?.shape.length === 3 && logits.shape[0] === 1;
  return fits ? { boxes: corners, scores: logits, decoded: false } : undefined;
}

/** Where to find boxes and scores if the graph is of this convention; undefined when it cannot be. */
export function locateOutputs(graph: DetectorGraph, convention: Convention): Location | undefined {
  if (convention === 'rt-detr' || convention === 'detr') return locatePair(graph, convention);
  const table = singleTable(graph);
  if (!table) return undefined;
  const { output, first, second } = table;
  if (convention === 'end-to-end') {
    const rows = { output, columns: second, transposed: false };
    return second === 6 ? located(rows, { boxFormat: 'xyxy', firstClass: 4, endClass: 5 }) : undefined;
  }
  const columns = Math.min(first, second);
  const objectness = convention === 'yolov5' ? 4 : undefined;
  const firstClass = objectness === undefined ? 4 : 5;
  if (columns <= firstClass) return undefined;
  const grid = { output, columns, transposed: second > first };
  return located(grid, { boxFormat: 'cxcywh', firstClass, endClass: columns, objectness });
}

function located(
  matrix: OutputPlan['boxes'],
  parts: Pick<OutputPlan, 'boxFormat' | 'firstClass' | 'endClass'> & Partial<Pick<OutputPlan, 'objectness'>>,
): Location {
  return { boxes: matrix, scores: matrix, coords: 'pixel', activation: 'none', objectness: undefined, ...parts };
}

function locatePair(graph: DetectorGraph, convention: Convention): Location | undefined {
  const pair = namedPair(graph);
  if (!pair || (pair.decoded && convention === 'detr')) return undefined;
  const boxes = { output: pair.boxes.name, columns: 4, transposed: false };
  const classes = pair.decoded ? 1 : Number(pair.scores.shape[2]);
  const scores = { output: pair.scores.name, columns: classes, transposed: false };
  const common = { boxes, scores, firstClass: 0, endClass: classes, objectness: undefined };
  if (pair.decoded) return { ...common, boxFormat: 'xyxy', coords: 'pixel', activation: 'none' };
  const activation = convention === 'detr' && !hasManyQueries(pair) ? 'softmax' : 'sigmoid';
  return { ...common, boxFormat: 'cxcywh', coords: 'normalized', activation };
}

/** Whether a DETR gives every class a probability of its own: the first one, with "no object", has 100 queries, later ones 300. */
export function hasManyQueries(pair: Pair): boolean {
  return Number(pair.scores.shape[1]) >= 200;
}
