/** How a batch is chosen among the entries that wait. */
export interface BatchLimits {
  /** Of how many waiting entries a batch is chosen. */
  readonly window: number;
  /** Largest cost of a batch; a single entry that costs more goes alone. */
  readonly budget: number;
  /** What every batch costs on top, however small: how much padding a fuller one is worth. */
  readonly callCost: number;
  /** What a batch costs that has this many entries, the longest of this length. */
  costOf(entries: number, longest: number): number;
}

/** A run of entries sorted by length, [from, to), and its useful pieces for what it costs. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly worth: number;
}

/**
 * Takes off a queue the entries of nearly one length of which a batch does most for its cost; with `withOldest`, those around
 * the first one.
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
  const { from, to } = bestRun(sorted.map(lengthOf), limits, withOldest ? sorted.indexOf(oldest) : undefined);
  const chosen = new Set(sorted.slice(from, to));
  queue.splice(0, limits.window, ...window.filter((entry) => !chosen.has(entry)));
  return [...chosen];
}

/** The run that is worth most within the budget, the shorter entries of equal ones; `must` is a place it includes. */
function bestRun(lengths: readonly number[], { budget, callCost, costOf }: BatchLimits, must?: number): Run {
  let best: Run = { from: must ?? 0, to: (must ?? 0) + 1, worth: 0 };
  for (let last = must ?? 0; last < lengths.length; last++) {
    const longest = lengths[last] as number;
    let useful = 0;
    for (let from = last; from >= 0; from--) {
      const cost = costOf(last - from + 1, longest);
      if (cost > budget && from < last) break;
      useful += lengths[from] as number;
      const worth = useful / (cost + callCost);
      if (worth > best.worth && from <= (must ?? from)) best = { from, to: last + 1, worth };
    }
  }
  return best;
}
