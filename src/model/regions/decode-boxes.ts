import { GrapevineError } from '../../errors.ts';
import type { Matrix, OutputPlan } from './detector-plan.ts';
import type { Placement } from './prepare-input.ts';

/** A box as a detector gives it, in pixels of the picture: fractions, outside the picture or no numbers at all are possible. */
export interface Candidate {
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
  /** Probability, if the detector's numbers are sound. */
  readonly score: number;
}

type Read = (row: number, column: number) => number;

/**
 * Every candidate in a detector's outputs, in the outputs' order.
 *
 * @throws {MODEL_FAILED} an output is missing, or has not the shape that the plan was made from
 */
export function decodeBoxes(
  outputs: Readonly<Record<string, Float32Array>>,
  plan: OutputPlan,
  placement: Placement,
): Candidate[] {
  const boxes = reader(outputs, plan.boxes);
  const scores = reader(outputs, plan.scores);
  if (boxes.rows !== scores.rows) {
    throw new GrapevineError('MODEL_FAILED', `reading boxes: ${boxes.rows} of them have ${scores.rows} scores`);
  }
  return Array.from({ length: boxes.rows }, (_, row) => ({
    box: inPicture(corners(boxes.read, row, plan), plan.coords, placement),
    score: scoreOf(scores.read, row, plan),
  }));
}

function reader(outputs: Readonly<Record<string, Float32Array>>, matrix: Matrix): { rows: number; read: Read } {
  const { output, columns, transposed } = matrix;
  const data = outputs[output];
  if (!data || data.length % columns !== 0) {
    const found = data ? `${data.length} values` : 'no float32 values';
    throw new GrapevineError('MODEL_FAILED', `reading boxes: ${output} has ${found}, expected rows of ${columns}`);
  }
  const rows = data.length / columns;
  const read: Read = transposed
    ? (row, column) => data[column * rows + row] as number
    : (row, column) => data[row * columns + column] as number;
  return { rows, read };
}

function corners(read: Read, row: number, { boxFormat }: OutputPlan): Candidate['box'] {
  const [a, b, c, d] = [read(row, 0), read(row, 1), read(row, 2), read(row, 3)];
  return boxFormat === 'xyxy' ? [a, b, c, d] : [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
}

function inPicture(box: Candidate['box'], coords: OutputPlan['coords'], placement: Placement): Candidate['box'] {
  if (coords === 'picture') return box;
  const { scaleX, scaleY, offsetX, offsetY } = placement;
  const [unitX, unitY] = coords === 'normalized' ? [placement.width, placement.height] : [1, 1];
  const x = (value: number) => (value * unitX - offsetX) / scaleX;
  const y = (value: number) => (value * unitY - offsetY) / scaleY;
  return [x(box[0]), y(box[1]), x(box[2]), y(box[3])];
}

/** Probability of the row's most likely class. */
function scoreOf(read: Read, row: number, plan: OutputPlan): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let column = plan.firstClass; column < plan.endClass; column++) best = Math.max(best, read(row, column));
  if (plan.activation === 'softmax') return best === Number.NEGATIVE_INFINITY ? 0 : softmax(best, read, row, plan);
  const activate = plan.activation === 'sigmoid' ? sigmoid : (value: number) => value;
  return activate(best) * (plan.objectness === undefined ? 1 : activate(read(row, plan.objectness)));
}

/** Share of a logit among all columns, "no object" included. */
function softmax(logit: number, read: Read, row: number, { scores }: OutputPlan): number {
  let total = 0;
  for (let column = 0; column < scores.columns; column++) total += Math.exp(read(row, column) - logit);
  return 1 / total;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
