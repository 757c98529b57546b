import type { SqlValue } from './connection.ts';

/** A condition with the values of its parameters. */
export interface Clause {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Several conditions that must all hold. */
export function allOf(clauses: readonly (Clause | undefined)[]): Clause {
  const present = clauses.filter((clause) => clause !== undefined);
  return {
    sql: present.map((clause) => clause.sql).join(' AND ') || 'true',
    values: present.flatMap((clause) => clause.values),
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

/** A condition on a list of ids given as one JSON array. */
export function isAmong(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?))`;
}
