import { FactTally } from '../resolve/confidence.ts';
import { HotParts, type PartRequest, type StoredParts } from '../resolve/hot-parts.ts';
import { HotTally, partsOf } from '../resolve/hot-tally.ts';
import type { FactRow, FactSupport, HotWrites } from './rows.ts';

/** A fact with more evidence than this gets parts, so that one more post need not read all of it. */
const HOT_ABOVE = 256;
/** A fact with no more than this loses them; far from the other limit, so that none goes to and fro. */
const COLD_UP_TO = 128;

/** What facts are counted from. */
export interface Counted {
  readonly facts: readonly FactRow[];
  /** Live evidence of the facts that have no parts. */
  readonly evidence: readonly FactSupport[];
  /** Facts that have parts, with those that have been read. */
  readonly hot: ReadonlyMap<string, StoredParts>;
}

/** The evidence of all facts that a run touches, while it changes. */
export class FactTallies {
  readonly #hot = new Map<string, { readonly tally: HotTally; readonly parts: HotParts }>();
  readonly #cold = new Map<string, FactTally>();

  constructor({ facts, evidence, hot }: Counted) {
    const stored = new Map(facts.map((fact) => [fact.id, fact]));
    for (const [id, read] of hot) {
      const { evidenceCount = 0, sourceCount = 0, authorCount = 0 } = stored.get(id) ?? {};
      const parts = new HotParts(read);
      const counts = { evidenceCount, sourceCount, authorCount, weight: read.weight };
      this.#hot.set(id, { parts, tally: new HotTally(parts, counts) });
    }
    const rows = new Map<string, FactSupport[]>();
    for (const row of evidence) {
      const known = rows.get(row.factId);
      if (known) known.push(row);
      else rows.set(row.factId, [row]);
    }
    for (const [id, all] of rows) this.#cold.set(id, new FactTally(all));
  }

  /** Parts that have to be read before the numbers hold. */
  get missing(): readonly PartRequest[] {
    return [...this.#hot.values()].flatMap(({ parts }) => parts.missing);
  }

  of(factId: string): Pick<FactTally, 'set' | 'delete' | 'numbers'> {
    const hot = this.#hot.get(factId)?.tally;
    if (hot) return hot;
    const known = this.#cold.get(factId);
    if (known) return known;
    const empty = new FactTally([]);
    this.#cold.set(factId, empty);
    return empty;
  }

  /** What becomes of the parts when these facts are written. */
  writes(facts: readonly FactRow[]): HotWrites {
    const isCooling = (fact: FactRow) => fact.evidenceCount <= COLD_UP_TO;
    const [cold, hot] = split(facts, (fact) => this.#hot.has(fact.id));
    const heated = cold
      .filter((fact) => fact.evidenceCount > HOT_ABOVE)
      .map(({ id }) => ({ id, ...partsOf(this.#cold.get(id)?.rows() ?? []) }));
    const kept = hot
      .filter((fact) => !isCooling(fact))
      .flatMap(({ id }) => {
        const known = this.#hot.get(id);
        return known ? [{ id, weight: known.tally.weight, ...known.parts.changes }] : [];
      });
    return {
      facts: [...heated, ...kept].map(({ id, weight }) => ({ factId: id, weight })),
      put: [
        ...heated.flatMap(({ id, parts }) => parts.map((part) => ({ factId: id, ...part }))),
        ...kept.flatMap(({ id, put }) => put.map((part) => ({ factId: id, ...part }))),
      ],
      gone: kept.flatMap(({ id, gone }) => gone.map((part) => ({ factId: id, ...part }))),
      cooled: hot.filter(isCooling).map(({ id }) => id),
    };
  }
}

function split<T>(values: readonly T[], isSecond: (value: T) => boolean): readonly [T[], T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const value of values) parts[isSecond(value) ? 1 : 0].push(value);
  return parts;
}
