import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, decodeBoxes } from '../../../../src/model/regions/decode-boxes.ts';
import { selectRegions } from '../../../../src/model/regions/select-regions.ts';

const POLICY = { threshold: 0.25, iou: 0.6, minSize: 32, maxRegions: 3 };
const PICTURE = { width: 400, height: 200 };

const select = (candidates: readonly Candidate[], policy: Partial<typeof POLICY> = {}) =>
  selectRegions(candidates, PICTURE, { ...POLICY, ...policy });
const candidate = (score: number, ...box: [number, number, number, number]): Candidate => ({ box, score });

describe('selecting regions', () => {
  it('takes the best, best first, and no more than asked for', () => {
    const all = [0.3, 0.9, 0.5, 0.7].map((score, i) => candidate(score, i * 100, 0, i * 100 + 100, 100));
    expect(select(all)).toEqual([
      [100, 0, 200, 100],
      [300, 0, 400, 100],
      [200, 0, 300, 100],
    ]);
    expect(select(all, { maxRegions: 1 })).toEqual([[100, 0, 200, 100]]);
    expect(select(all, { threshold: 0.7 })).toHaveLength(2);
  });

  it('orders equal scores by coordinates, in whatever order they come', () => {
    const tied = [candidate(0.5, 200, 0, 300, 90), candidate(0.5, 0, 100, 90, 200), candidate(0.5, 0, 0, 90, 90)];
    const expected = [
      [0, 0, 90, 90],
      [0, 100, 90, 200],
      [200, 0, 300, 90],
    ];
    expect(select(tied)).toEqual(expected);
    expect(select(tied.toReversed())).toEqual(expected);
  });

  it('drops what is much the same as a better box', () => {
    // 100 x 100 each: shifted by 25 they share 7500 of 12500, which is 0.6; by 24 it is more.
    const [best, at, over] = [
      candidate(0.9, 0, 0, 100, 100),
      candidate(0.8, 25, 0, 125, 100),
      candidate(0.8, 24, 0, 124, 100),
    ];
    expect(select([best, at])).toHaveLength(2);
    expect(select([best, over])).toEqual([[0, 0, 100, 100]]);
    expect(select([best, over], { iou: 0.7 })).toHaveLength(2);
  });

  it('lets a box that was dropped suppress no other', () => {
    const chain = [0, 20, 40].map((x, i) => candidate(0.9 - i / 10, x, 0, x + 100, 100));
    expect(select(chain)).toEqual([
      [0, 0, 100, 100],
      [40, 0, 140, 100],
    ]);
  });

  it('drops small boxes by what the picture shows of them', () => {
    expect(select([candidate(0.9, 0, 0, 31, 100), candidate(0.8, 100, 0, 132, 100)])).toEqual([[100, 0, 132, 100]]);
    expect(select([candidate(0.9, -70, 0, 30, 100), candidate(0.9, 500, 500, 600, 600)])).toEqual([]);
  });

  it('ignores what is not finite', () => {
    const good = candidate(0.5, 0, 0, 100, 100);
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(select([candidate(wrong, 200, 0, 300, 100), good])).toEqual([good.box]);
      expect(select([candidate(0.9, 200, 0, wrong, 100), good])).toEqual([good.box]);
    }
  });

  it('rounds outwards and stays in the picture', () => {
    expect(select([candidate(0.9, 10.7, -3.2, 90.1, 1e30)])).toEqual([[10, 0, 91, 200]]);
  });

  it('never gives an invalid box, whatever the numbers', () => {
    const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
    const number = fc.oneof({ weight: 5, arbitrary: fc.double({ min: -50, max: 550, noNaN: true }) }, odd);
    const score = fc.oneof(odd, fc.constantFrom(0.3, 0.6), fc.double({ min: 0, max: 1 }));
    const any = fc.record({ box: fc.tuple(number, number, number, number), score });
    const side = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(fc.array(any), side, side, fc.integer({ min: 1, max: 40 }), (candidates, width, height, minSize) => {
        const boxes = selectRegions(candidates, { width, height }, { ...POLICY, minSize });
        expect(boxes.length).toBeLessThanOrEqual(3);
        expect(selectRegions(candidates.toReversed(), { width, height }, { ...POLICY, minSize })).toEqual(boxes);
        for (const [x0, y0, x1, y1] of boxes) {
          for (const value of [x0, y0, x1, y1]) expect(Number.isInteger(value)).toBe(true);
          expect(x0 >= 0 && y0 >= 0 && x1 <= width && y1 <= height).toBe(true);
          expect(Math.min(x1 - x0, y1 - y0)).toBeGreaterThanOrEqual(minSize);
        }
      }),
    );
  });

  it('never fails on what decoding makes of any output', () => {
    const matrix = { output: 'o', columns: 7, transposed: true };
    const placement = { width: 640, height: 640, scaleX: 1.6, scaleY: 1.6, offsetX: 0, offsetY: 160 };
    fc.assert(
      fc.property(
        fc.float32Array({ maxLength: 70 }).filter(({ length }) => length % 7 === 0),
        fc.constantFrom('none', 'sigmoid', 'softmax'),
        fc.constantFrom('xyxy', 'cxcywh'),
        (data, activation, boxFormat) => {
          const part = { boxes: matrix, scores: matrix, firstClass: 5, endClass: 7, objectness: 4 } as const;
          const plan = { ...part, coords: 'normalized', boxFormat, activation } as const;
          const boxes = select(decodeBoxes({ o: data }, plan, placement), { minSize: 1 });
          expect(boxes.flat().every(Number.isInteger)).toBe(true);
        },
      ),
    );
  });
});
