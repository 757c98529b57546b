import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Crf, decodeCrf } from '../../../src/model/hvpnet/crf.ts';

const score = fc.integer({ min: -40, max: 40 }).map((value) => value / 8);
const row = (length: number) => fc.array(score, { minLength: length, maxLength: length });

/** Score of every path, by enumeration. */
function* allPaths(emissions: number[], crf: Crf): Generator<{ path: number[]; total: number }> {
  const labels = crf.start.length;
  const length = emissions.length / labels;
  for (let code = 0; code < labels ** length; code++) {
    const path = Array.from({ length }, (_, t) => Math.floor(code / labels ** t) % labels);
    let total = (crf.start[path[0] as number] as number) + (crf.end[path[length - 1] as number] as number);
    path.forEach((label, t) => {
      total += emissions[t * labels + label] as number;
      if (t > 0) total += crf.transitions[path[t - 1] as number]?.[label] as number;
    });
    yield { path, total };
  }
}

const cases = fc.integer({ min: 1, max: 4 }).chain((length) =>
  fc.record({
    emissions: row(length * 3),
    start: row(3),
    end: row(3),
    transitions: fc.array(row(3), { minLength: 3, maxLength: 3 }),
  }),
);

describe('the conditional random field', () => {
  it('finds the best path and the marginals that enumeration finds', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 2, 0.5), ({ emissions, ...crf }, temperature) => {
        const paths = [...allPaths(emissions, crf)];
        const { path, marginals } = decodeCrf(Float32Array.from(emissions), crf, temperature);
        const found = paths.find((one) => one.path.every((label, t) => label === path[t]));
        expect(found?.total).toBeCloseTo(Math.max(...paths.map((one) => one.total)), 9);
        const sum = paths.reduce((all, one) => all + Math.exp(one.total / temperature), 0);
        marginals.forEach((p, i) => {
          const with_ = paths.filter((one) => one.path[Math.floor(i / 3)] === i % 3);
          expect(p).toBeCloseTo(with_.reduce((all, one) => all + Math.exp(one.total / temperature), 0) / sum, 9);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('gives equal scores to the lowest label', () => {
    const crf = {
      start: [0, 0],
      end: [0, 0],
      transitions: [
        [0, 0],
        [0, 0],
      ],
    };
    expect([...decodeCrf(new Float32Array(6), crf).path]).toEqual([0, 0, 0]);
  });

  it('keeps its numbers where scores are far apart, and an empty row empty', () => {
    const crf = {
      start: [0, -10_000],
      end: [0, 0],
      transitions: [
        [0, -10_000],
        [-10_000, 0],
      ],
    };
    const { path, marginals } = decodeCrf(Float32Array.of(-900, 900, 3, 1, 900, -900), crf);
    expect([...path]).toEqual([0, 0, 0]);
    expect([...marginals].every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(decodeCrf(new Float32Array(), crf).path).toHaveLength(0);
  });
});
