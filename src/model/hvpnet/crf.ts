/** Scores of a linear-chain conditional random field; rows of `transitions` = from, columns = to. */
export interface Crf {
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly transitions: readonly (readonly number[])[];
}

/** The best path of a row and how sure each of its steps is. */
export interface CrfDecoding {
  /** Label index per position. */
  readonly path: Int32Array;
  /** Marginal probability of every label at every position, at the temperature asked for: [length, labels]. */
  readonly marginals: Float64Array;
}

/**
 * Best path and marginals of one row of emissions, [length, labels], in float64.
 *
 * Equal scores go to the lowest label, as in pytorch-crf. An empty row has an empty path. For the marginals all scores
 * are divided by the temperature.
 */
export function decodeCrf(emissions: Float32Array, crf: Crf, temperature = 1): CrfDecoding {
  const labels = crf.start.length;
  const length = emissions.length / labels;
  if (length === 0) return { path: new Int32Array(), marginals: new Float64Array() };
  const steps = Float64Array.from(crf.transitions.flat());
  const cool = (value: number) => value / temperature;
  const ends = { start: crf.start.map(cool), end: crf.end.map(cool) };
  return {
    path: viterbi(emissions, crf, steps, length),
    marginals: marginals(Float64Array.from(emissions, cool), ends, steps.map(cool), length),
  };
}

function viterbi(emissions: Float32Array, crf: Crf, steps: Float64Array, length: number): Int32Array {
  const labels = crf.start.length;
  const back = new Int32Array(length * labels);
  let score = Float64Array.from(crf.start, (value, label) => value + at(emissions, label));
  for (let t = 1; t < length; t++) {
    const next = new Float64Array(labels);
    for (let to = 0; to < labels; to++) {
      let from = 0;
      let best = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < labels; i++) {
        const value = at(score, i) + at(steps, i * labels + to);
        if (value > best) {
          best = value;
          from = i;
        }
      }
      back[t * labels + to] = from;
      next[to] = best + at(emissions, t * labels + to);
    }
    score = next;
  }
  const path = new Int32Array(length);
  path[length - 1] = argmax(score.map((value, label) => value + at(crf.end, label)));
  for (let t = length - 1; t > 0; t--) path[t - 1] = at(back, t * labels + at(path, t));
  return path;
}

/** Forward-backward in log space. */
function marginals(
  emissions: Float64Array,
  crf: Pick<Crf, 'start' | 'end'>,
  steps: Float64Array,
  length: number,
): Float64Array {
  const labels = crf.start.length;
  const weights = steps.map(Math.exp);
  const forward = new Float64Array(length * labels);
  const backward = new Float64Array(length * labels);
  const terms = new Float64Array(labels);
  for (let label = 0; label < labels; label++) {
    forward[label] = at(crf.start, label) + at(emissions, label);
    backward[(length - 1) * labels + label] = at(crf.end, label);
  }
  for (let t = 1; t < length; t++) {
    for (let i = 0; i < labels; i++) terms[i] = at(forward, (t - 1) * labels + i);
    const sums = addSteps(terms, { steps, weights, row: 1, column: labels });
    for (let to = 0; to < labels; to++) forward[t * labels + to] = at(sums, to) + at(emissions, t * labels + to);
  }
  for (let t = length - 2; t >= 0; t--) {
    const next = (t + 1) * labels;
    for (let i = 0; i < labels; i++) terms[i] = at(emissions, next + i) + at(backward, next + i);
    backward.set(addSteps(terms, { steps, weights, row: labels, column: 1 }), t * labels);
  }
  for (let i = 0; i < labels; i++) terms[i] = at(forward, i) + at(backward, i);
  const total = logSumExp(terms);
  return forward.map((value, i) => Math.exp(value + at(backward, i) - total));
}

interface StepTable {
  readonly steps: Float64Array;
  /** Exponentials of `steps`. */
  readonly weights: Float64Array;
  /** How far apart two labels' rows are, and two entries of a row. */
  readonly row: number;
  readonly column: number;
}

/** Log of the summed exponentials of `terms` plus the step scores, for every label that is stepped to or from. */
function addSteps(terms: Float64Array, { steps, weights, row, column }: StepTable): Float64Array {
  const labels = terms.length;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < labels; i++) most = Math.max(most, at(terms, i));
  // One exponential per label instead of one per pair of labels.
  const shares = new Float64Array(labels);
  for (let i = 0; i < labels; i++) shares[i] = Math.exp(at(terms, i) - most);
  const sums = new Float64Array(labels);
  for (let label = 0; label < labels; label++) {
    let sum = 0;
    for (let i = 0; i < labels; i++) sum += at(shares, i) * at(weights, label * row + i * column);
    // What forbidden steps leave may be too small for its share: then it is added up in full.
    const full = () => logSumExp(terms.map((value, i) => value + at(steps, label * row + i * column)));
    sums[label] = sum > 0 ? most + Math.log(sum) : full();
  }
  return sums;
}

function logSumExp(values: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > most) most = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum);
}

function argmax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
  return best;
}

/** Element that is known to exist. */
function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}
