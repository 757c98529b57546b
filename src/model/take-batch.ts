/** How a batch is chosen among the entries that wait. */
export interface BatchLimits {
  /** Of how many waiting entries a batch is chosen. */
  readonly window: number;
  /** Largest cost of a batch; a single entry that costs more goes alone. */
  readonly budget: number;
  /** Smallest share of a batch's cost that its entries' own lengths make up, 0 to 1. */
  readonly leastUseful: number;
  /** What a batch costs that has this many entries, the longest of this length. */
  costOf(entries: number, longest: number): number;
}

/** A run of entries sorted by length, [from, to). */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly useful: number;
}

/**
 * Takes off a queue the entries of nearly one length that fill a batch best; with `withOldest`, those around the first one.
 * The rest keeps its order.
 */
export function takeBatch<T>(
  queue: T[],
  lengthOf: (entry: T) => number,
  limits: BatchLimits,
  withOldest: boolean,
): T[] {
  const window = queue.slice(0, limits.window);
  const [oldest] = window;
  if (oldest === undefined) return [];
  // Sorting is stable: of entries of one length the older ones come first.
  const sorted = [...window].sort((a, b) => lengthOf(a) - lengthOf(b));
  const { from, to } = fullestRun(sorted.map(lengthOf), limits, withOldest ? sorted.indexOf(oldest) : undefined);
  const chosen = new Set(sorted.slice(from, to));
  queue.splice(0, limits.window, ...window.filter((entry) => !chosen.has(entry)));
  return [...chosen];
}

/** The run with the most useful pieces within the limits, the shorter entries of equal ones; `must` is a place it includes. */
function fullestRun(lengths: readonly number[], { budget, leastUseful, costOf }: BatchLimits, must?: number): Run {
  let best: Run | undefined;
  for (let last = must ?? 0; last < lengths.length; last++) {
    const longest = lengths[last] as number;
    let from = last;
    let useful = longest;
    for (; from > 0; from--) {
      const more = useful + (lengths[from - 1] as number);
      const cost = costOf(last - from + 2, longest);
      if (cost > budget || more < leastUseful * cost) break;
      useful = more;
    }
    const fits = must === undefined || from <= must;
    if (fits && (!best || useful > best.useful)) best = { from, to: last + 1, useful };
  }
  return best ?? { from: must ?? 0, to: (must ?? 0) + 1, useful: 0 };
}
