import type { AlertState, AlertSubject } from '../../graph/alert-store.ts';
import type { Counts } from '../spike.ts';
import { Heap } from './heap.ts';

/**
 * What a rule remembers: of a fact or an entity how far it is; of a group which facts wait; of a mark that something was seen or sent,
 * until it is due; of an hour how many alerts were sent in it; of an entity or a pair how often it was mentioned, and since when that
 * is counted anew.
 */
export type RowValue =
  | {
      /** Also of an entity: `subject` tells. */
      readonly kind: 'fact';
      /** `silent`: it was held back, and is not told later. */
      readonly stage: 'settling' | 'grouped' | 'fired' | 'silent';
      readonly subject: AlertSubject;
      /** Key of the group in which it waits. */
      readonly group?: string;
      /** Alerts that have told it. */
      readonly alerts: readonly string[];
    }
  | { readonly kind: 'group'; readonly subjects: readonly AlertSubject[]; readonly sentMs: number | null }
  | { readonly kind: 'mark' }
  | { readonly kind: 'hour'; readonly count: number }
  | ({ readonly kind: 'counts' } & Counts)
  | {
      readonly kind: 'begun';
      readonly atMs: number;
      /** Of a rule: how it counts since then. */
      readonly bucketMs?: number;
      readonly buckets?: number;
    };

/** A row with its value read. */
export interface Row extends Omit<AlertState, 'value'> {
  readonly value: RowValue;
}

/** A row about a fact. */
export type FactRow = Row & { readonly value: Extract<RowValue, { kind: 'fact' }> };

/** A row of a group. */
export type GroupRow = Row & { readonly value: Extract<RowValue, { kind: 'group' }> };

/** The rows of the store that a decision may need, changed in memory. */
export class Rows {
  readonly #rows = new Map<string, Row>();
  readonly #ofFact = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();
  /** When rows are due, and were to be. */
  readonly #due = new Heap<{ readonly dueMs: number; readonly key: string }>(
    (one, other) => one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.key < other.key),
  );

  constructor(states: readonly AlertState[]) {
    for (const state of states) this.#keep(readRow(state));
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** Rows about a fact, by key. */
  ofFact(factId: string): readonly FactRow[] {
    const keys = [...(this.#ofFact.get(factId) ?? [])].sort();
    return keys.flatMap((key) => {
      const row = this.#rows.get(key);
      return row && isFactRow(row) ? [row] : [];
    });
  }

  /** The row that is due first, if one is by then. */
  firstDue(untilMs: number): Row | undefined {
    for (let first = this.#due.first(); first && first.dueMs <= untilMs; first = this.#due.first()) {
      const row = this.#rows.get(first.key);
      if (row?.dueMs === first.dueMs) return row;
      // It has been moved or has gone since.
      this.#due.removeFirst();
    }
    return undefined;
  }

  put(row: Row): void {
    this.#keep(row);
    this.#changed.add(row.key);
  }

  remove({ key, factId }: Row): void {
    this.#rows.delete(key);
    if (factId !== null) this.#ofFact.get(factId)?.delete(key);
    this.#changed.add(key);
  }

  /** What is to be written. */
  changes(): { readonly put: readonly AlertState[]; readonly removed: readonly string[] } {
    const put: AlertState[] = [];
    const removed: string[] = [];
    for (const key of this.#changed) {
      const row = this.#rows.get(key);
      if (row) put.push({ ...row, value: JSON.stringify(row.value) });
      else removed.push(key);
    }
    return { put, removed };
  }

  #keep(row: Row): void {
    this.#rows.set(row.key, row);
    if (row.factId !== null) {
      const keys = this.#ofFact.get(row.factId) ?? new Set();
      this.#ofFact.set(row.factId, keys.add(row.key));
    }
    if (row.dueMs !== null) this.#due.add({ dueMs: row.dueMs, key: row.key });
  }
}

/** A row as stored. */
export function readRow({ value, ...state }: AlertState): Row {
  return { ...state, value: JSON.parse(value) as RowValue };
}

export function isFactRow(row: Row): row is FactRow {
  return row.value.kind === 'fact';
}

export function isGroupRow(row: Row): row is GroupRow {
  return row.value.kind === 'group';
}
