import { nameOf, type Precision, type Spec } from './contenders.ts';
import type { Demand } from './corpus.ts';
import type { Measured, Run } from './rounds.ts';
import type { AuthorsSlice, BareSlice, OursSlice, Work } from './slices.ts';
import { mean, type Spread, spread } from './statistics.ts';

/** A slice counts as clean when others took no more than this share of the machine. */
export const FOREIGN_LIMIT = 0.1;
/** Clean rounds without which a figure must not be published. */
export const CLEAN_ROUNDS = 5;

/** A figure over the rounds. */
export interface Figure extends Spread {
  /** Rounds in which all that it is made of was clean. */
  readonly clean: number;
}

/** Thread-seconds that bare sessions take for one unit of each kind of work. */
interface Costs {
  readonly decode: number;
  readonly visual: number;
  readonly ner: number;
  readonly re: number;
}

type Ours = Spec & { kind: 'ours' };

/** What a run says: speeds of the contenders in posts a second, round by round, and ratios of them. */
export class Results {
  readonly demand: Demand;
  readonly run: Run;
  readonly #costs: ReadonlyMap<Precision, Costs>;

  constructor(run: Run, demand: Demand, threads: number) {
    this.run = run;
    this.demand = demand;
    this.#costs = new Map(
      (['fp32', 'int8'] as const).flatMap((precision) => {
        const slices = this.slices<BareSlice>({ kind: 'bare', precision, workers: threads });
        return slices.length > 0 ? [[precision, costsOf(slices.map(({ slice }) => slice))]] : [];
      }),
    );
  }

  /** The slices of a contender, round by round; none when it took no part. */
  slices<T>(spec: Spec): (Measured & { readonly slice: T })[] {
    return [...(this.run.slices.get(nameOf(spec)) ?? [])] as (Measured & { slice: T })[];
  }

  /** Posts a second of a contender in each round. */
  rates(spec: Spec): number[] {
    if (spec.kind === 'ours') return this.slices<OursSlice>(spec).map(({ slice }) => this.#oursRate(spec, slice));
    if (spec.kind === 'bare') {
      return this.slices<BareSlice>(spec).map(({ slice }) => slice.threads / this.#postCost(costsOf([slice]), 0, 0));
    }
    return this.slices<AuthorsSlice>(spec).map(({ slice }) => slice.calls / slice.seconds / (1 + this.demand.pairs));
  }

  /** Speed of one over that of another, round by round. */
  ratio(one: Spec, other: Spec): Figure | undefined {
    return this.figure(this.ratios(one, other), [one, other]);
  }

  /** The same in each round. */
  ratios(one: Spec, other: Spec): number[] {
    const others = this.rates(other);
    return this.rates(one).map((rate, round) => rate / (others[round] ?? Number.NaN));
  }

  /** A value per round as a figure; only rounds in which these contenders were undisturbed count, if there are enough. */
  figure(values: readonly number[], specs: readonly Spec[]): Figure | undefined {
    return cleanFigure(this.run, values, specs.map(nameOf));
  }

  /** Share of a post's time that its picture takes in bare sessions. */
  pictureShare(precision: Precision): number {
    const costs = this.#costs.get(precision);
    return costs ? (costs.decode + costs.visual) / this.#postCost(costs, 0, 0) : Number.NaN;
  }

  /**
   * Posts a second from the work finished in a slice, each kind weighed by what it costs: a steady stream finishes all kinds
   * in the proportion of its posts, and this sum wavers least over a few seconds.
   */
  #oursRate({ precision, crops, duplicates }: Ours, slice: OursSlice): number {
    const costs = this.#costs.get(precision);
    if (!costs) return slice.posts / slice.seconds;
    const { pictures, nerPieces, rePieces, seconds } = slice;
    const done = pictures * pictureCost(costs, crops) + nerPieces * costs.ner + rePieces * costs.re;
    return done / this.#postCost(costs, crops, duplicates) / seconds;
  }

  #postCost(costs: Costs, crops: number, duplicates: number): number {
    const { nerPieces, rePieces } = this.demand;
    return pictureCost(costs, crops) * (1 - duplicates) + nerPieces * costs.ner + rePieces * costs.re;
  }
}

/** A value per round as a figure; only rounds in which these contenders were undisturbed count, if there are enough. */
export function cleanFigure(run: Run, values: readonly number[], names: readonly string[]): Figure | undefined {
  const foreign = (name: string, round: number) => run.slices.get(name)?.[round]?.foreign ?? 0;
  const clean = values.filter((_, round) => names.every((name) => foreign(name, round) <= FOREIGN_LIMIT));
  const found = spread(clean.length >= CLEAN_ROUNDS ? clean : values);
  return found && { ...found, clean: clean.length };
}

function pictureCost({ decode, visual }: Costs, crops: number): number {
  return decode + visual * (1 + crops);
}

function costsOf(slices: readonly BareSlice[]): Costs {
  const cost = (kind: keyof Costs) => perUnit(slices.map((slice) => slice[kind]));
  return { decode: cost('decode'), visual: cost('visual'), ner: cost('ner'), re: cost('re') };
}

/** Mean seconds of a unit. */
export function perUnit(work: readonly Work[]): number {
  return mean(work.map(({ seconds }) => seconds)) / mean(work.map(({ units }) => units));
}
