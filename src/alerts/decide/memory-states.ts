import type { AlertState, AlertStore } from '../../graph/alert-store.ts';

/** What a rule remembers while it is only tried: nothing of it is kept. */
export class MemoryStates implements Pick<AlertStore, 'states' | 'statesOfFacts'> {
  readonly #states = new Map<string, AlertState>();
  readonly #ofFact = new Map<string, Set<string>>();

  async states(keys: readonly string[]): Promise<readonly AlertState[]> {
    return keys.flatMap((key) => this.#states.get(key) ?? []);
  }

  async statesOfFacts(factIds: readonly string[]): Promise<readonly AlertState[]> {
    return this.states(factIds.flatMap((id) => [...(this.#ofFact.get(id) ?? [])]));
  }

  /** All rows that are due. */
  due(nowMs: number): readonly AlertState[] {
    return [...this.#states.values()].filter(({ dueMs }) => dueMs !== null && dueMs <= nowMs);
  }

  change({ put, removed }: { readonly put: readonly AlertState[]; readonly removed: readonly string[] }): void {
    for (const key of removed) {
      const factId = this.#states.get(key)?.factId ?? null;
      if (factId !== null) this.#ofFact.get(factId)?.delete(key);
      this.#states.delete(key);
    }
    for (const state of put) {
      this.#states.set(state.key, state);
      if (state.factId === null) continue;
      const keys = this.#ofFact.get(state.factId) ?? new Set();
      this.#ofFact.set(state.factId, keys.add(state.key));
    }
  }
}
