/** Precision, recall and F1 in percent. */
export interface Scores {
  readonly p: number;
  readonly r: number;
  readonly f1: number;
}

/** Counts of one class. */
interface Counts {
  correct: number;
  predicted: number;
  gold: number;
}

/** Adds up findings against gold, by type, and gives the scores of each type and of all together. */
export class ScoreBoard {
  readonly #types = new Map<string, Counts>();

  /** Notes one finding or one gold item, or, where both are the same thing, a correct one. */
  add(type: string, what: { readonly predicted?: boolean; readonly gold?: boolean }): void {
    let counts = this.#types.get(type);
    if (!counts) this.#types.set(type, (counts = { correct: 0, predicted: 0, gold: 0 }));
    if (what.predicted) counts.predicted++;
    if (what.gold) counts.gold++;
    if (what.predicted && what.gold) counts.correct++;
  }

  /** Scores over all types. */
  get micro(): Scores {
    const total: Counts = { correct: 0, predicted: 0, gold: 0 };
    for (const { correct, predicted, gold } of this.#types.values()) {
      total.correct += correct;
      total.predicted += predicted;
      total.gold += gold;
    }
    return toScores(total);
  }

  /** Scores of each type, in the order of their names. */
  get perType(): Record<string, Scores> {
    const sorted = [...this.#types].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([type, counts]) => [type, toScores(counts)]));
  }
}

function toScores({ correct, predicted, gold }: Counts): Scores {
  const p = predicted > 0 ? (100 * correct) / predicted : 0;
  const r = gold > 0 ? (100 * correct) / gold : 0;
  return { p: round(p), r: round(r), f1: round(correct > 0 ? (2 * p * r) / (p + r) : 0) };
}

function round(percent: number): number {
  return Math.round(percent * 100) / 100;
}
