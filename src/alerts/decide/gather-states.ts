import type { GraphEvent } from '../../domain/graph.ts';
import type { AlertState, AlertStore } from '../../graph/alert-store.ts';
import type { AlertRule } from '../rule.ts';
import { factsInGroups, factsOf, keysOf } from './keys.ts';
import { readRow } from './rows.ts';

/** What is to be decided on. */
export interface StatesRequest {
  readonly events: readonly GraphEvent[];
  readonly due: readonly AlertState[];
  readonly rules: readonly AlertRule[];
}

/** The rows that deciding may need, each once. */
export async function gatherStates(
  store: Pick<AlertStore, 'states' | 'statesOfFacts'>,
  { events, due, rules }: StatesRequest,
): Promise<readonly AlertState[]> {
  const states = new Map<string, AlertState>();
  const add = (rows: readonly AlertState[]) => {
    for (const row of rows) states.set(row.key, row);
  };
  const rows = () => [...states.values()].map(readRow);
  add(due);
  add(await store.statesOfFacts(factsOf(events, rules)));
  add(await store.states(keysOf(events, rows(), rules).filter((key) => !states.has(key))));
  add(await store.statesOfFacts([...new Set(factsInGroups(rows()))]));
  return [...states.values()];
}
