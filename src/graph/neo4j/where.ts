import type { Parameters } from './client.ts';

/** A condition with the parameters it uses. */
export interface Condition {
  readonly cypher: string;
  readonly parameters?: Parameters;
}

/** Several conditions that must all hold, `true` when there is none. */
export function allOf(conditions: readonly (Condition | undefined)[]): Required<Condition> {
  const present = conditions.filter((condition) => condition !== undefined);
  return {
    cypher: present.map((condition) => condition.cypher).join(' AND ') || 'true',
    parameters: Object.assign({}, ...present.map((condition) => condition.parameters ?? {})) as Parameters,
  };
}

/** Rows in the order of the ids, undefined where there is none. */
export function inOrder<T extends { id: string }>(
  ids: readonly string[],
  rows: readonly T[],
): readonly (T | undefined)[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}
