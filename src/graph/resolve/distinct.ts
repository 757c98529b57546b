/** One row for each id, the one with the largest p; among equals the choice does not depend on the order either. */
export function distinct<T extends { id: string; p: number }>(rows: readonly T[]): T[] {
  const best = new Map<string, T>();
  for (const row of rows) {
    const other = best.get(row.id);
    if (!other || row.p > other.p || (row.p === other.p && JSON.stringify(row) < JSON.stringify(other))) {
      best.set(row.id, row);
    }
  }
  return [...best.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
