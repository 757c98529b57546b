import type { Decision } from '../../domain/decision.ts';
import type { FactRow, PlacedPost } from '../plan/rows.ts';
import type { MarksById } from '../plan/standings.ts';
import { place } from '../plan/standings.ts';
import type { GraphRecord } from './graph-record.ts';

/** Lines of an export by what is done with them. */
export interface RestoredRows {
  readonly posts: readonly PlacedPost[];
  readonly marks: MarksById;
  readonly created: readonly { readonly id: string; readonly createdMs: number }[];
  readonly past: readonly FactRow[];
  readonly decisions: readonly Decision[];
  readonly lastPosition: number | undefined;
}

/** The rows that lines of an export stand for. */
export function restoredRows(records: readonly GraphRecord[]): RestoredRows {
  const first = records[0];
  return {
    posts: records.flatMap((record) => (record.line === 'post' ? [place(record.post, record.standing)] : [])),
    marks: new Map(records.flatMap((record) => (record.line === 'marks' ? [[record.id, record.marks]] : []))),
    created: records.flatMap((record) => (record.line === 'fact' ? [record] : [])),
    past: records.flatMap((record) => (record.line === 'past' ? [record.fact] : [])),
    decisions: records.flatMap((record) => (record.line === 'decision' ? [record.decision] : [])),
    lastPosition: first?.line === 'graph' ? first.lastPosition : undefined,
  };
}
