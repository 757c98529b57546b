import { describe, expect, it } from 'vitest';
import { type Candidate, decodeBoxes } from '../../../../src/model/regions/decode-boxes.ts';
import type { OutputPlan } from '../../../../src/model/regions/detector-plan.ts';

const PLACEMENT = { width: 640, height: 320, scaleX: 2, scaleY: 4, offsetX: 20, offsetY: 40 };
const IN_PLACE = { ...PLACEMENT, scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 };

const rows = { output: 'o', columns: 6, transposed: false };
const plan: OutputPlan = {
  boxes: rows,
  scores: rows,
  boxFormat: 'xyxy',
  coords: 'input',
  firstClass: 4,
  endClass: 6,
  objectness: undefined,
  activation: 'none',
};
const decode = (values: readonly number[], change: Partial<OutputPlan> = {}, placement = IN_PLACE) =>
  decodeBoxes({ o: Float32Array.from(values) }, { ...plan, ...change }, placement);
/** The score of one box whose scores are in an output of their own. */
function scoreOf(scores: readonly number[], change: Partial<OutputPlan>): number {
  const columns = scores.length;
  const own = { boxes: { ...rows, columns: 4 }, scores: { output: 's', columns, transposed: false } };
  const outputs = { o: Float32Array.of(0, 0, 1, 1), s: Float32Array.from(scores) };
  const [only] = decodeBoxes(outputs, { ...plan, ...own, firstClass: 0, endClass: columns, ...change }, IN_PLACE);
  return (only as Candidate).score;
}

const DETR = { activation: 'softmax', endClass: 2 } as const;

describe('decoding boxes', () => {
  it('brings them to the picture', () => {
    const one = [120, 80, 220, 240, 0.5, 0.25];
    expect(decode(one, {}, PLACEMENT)).toEqual([{ box: [50, 10, 100, 50], score: 0.5 }]);
    expect(decode(one, { coords: 'picture' }, PLACEMENT)[0]?.box).toEqual([120, 80, 220, 240]);
    expect(decode([170, 160, 100, 160, 0, 0], { boxFormat: 'cxcywh' }, PLACEMENT)[0]?.box).toEqual([50, 10, 100, 50]);
    const shares = [0.25, 0.25, 0.5, 0.75, 0, 0];
    expect(decode(shares, { coords: 'normalized' }, PLACEMENT)[0]?.box).toEqual([70, 10, 150, 50]);
  });

  it('reads rows that are turned', () => {
    const turned = { ...rows, transposed: true };
    expect(decode([1, 11, 2, 12, 3, 13, 4, 14, 0.5, 0, 0, 1], { boxes: turned, scores: turned })).toEqual([
      { box: [1, 2, 3, 4], score: 0.5 },
      { box: [11, 12, 13, 14], score: 1 },
    ]);
  });

  it('makes probabilities of scores', () => {
    expect(scoreOf([0.25, 0.5], {})).toBe(0.5);
    expect(scoreOf([0.5, 0.25, 0.75], { objectness: 0, firstClass: 1 })).toBe(0.375);
    expect(scoreOf([0, 0], { objectness: 0, firstClass: 1, activation: 'sigmoid' })).toBe(0.25);
    expect(scoreOf([-2, 0], { activation: 'sigmoid' })).toBe(0.5);
    expect(scoreOf([-9, 0, Math.log(3)], DETR)).toBeCloseTo(0.25, 4);
    expect(scoreOf([-1000, 1000, 1000], DETR)).toBe(0.5);
  });

  it('takes minus infinity for impossible', () => {
    const never = Number.NEGATIVE_INFINITY;
    expect(scoreOf([never, never], { activation: 'sigmoid' })).toBe(0);
    expect(scoreOf([never, never, 3], DETR)).toBe(0);
    expect(scoreOf([never, never, never], DETR)).toBe(0);
  });

  it('reports outputs that are not those of the plan', () => {
    const failure = (message: string) =>
      expect.objectContaining({ code: 'MODEL_FAILED', message: expect.stringContaining(message) });
    expect(() => decode([1, 2, 3, 4, 5])).toThrow(failure('o has 5 values, expected rows of 6'));
    expect(() => decodeBoxes({}, plan, IN_PLACE)).toThrow(failure('o has no float32 values'));
    const pair = { ...plan, boxes: { ...rows, columns: 4 }, scores: { ...rows, output: 's', columns: 1 } };
    const outputs = { o: new Float32Array(8), s: new Float32Array(3) };
    expect(() => decodeBoxes(outputs, pair, IN_PLACE)).toThrow(failure('2 of them have 3 scores'));
  });
});
