import type { Decision } from '../../domain/decision.ts';
import { GrapevineError } from '../../errors.ts';
import type { FactRow } from '../plan/rows.ts';
import type { MarkedSubject, StandingPost } from '../scan.ts';

/** Version of the lines below. */
export const EXPORT_FORMAT = 1;

/** One line of a complete export: what the graph cannot work out from other lines. */
export type GraphRecord =
  /** The first line. `lastPosition` is that of the newest event. */
  | { readonly line: 'graph'; readonly format: number; readonly lastPosition: number }
  /** A post with all it says, or a tombstone. */
  | ({ readonly line: 'post' } & StandingPost)
  /** What platforms say about a post or an account beside content. */
  | ({ readonly line: 'marks' } & MarkedSubject)
  /** What a person decided; before all posts, oldest first. */
  | { readonly line: 'decision'; readonly decision: Decision }
  /** When a live fact entered the graph, epoch milliseconds. */
  | { readonly line: 'fact'; readonly id: string; readonly createdMs: number }
  /** A fact as it was when it was retracted. */
  | { readonly line: 'past'; readonly fact: FactRow }
  /** The last line: without it the export is not whole. */
  | { readonly line: 'end'; readonly posts: number; readonly facts: number };

const LINES: readonly string[] = [
  'graph',
  'decision',
  'post',
  'marks',
  'fact',
  'past',
  'end',
] satisfies GraphRecord['line'][];

/** Reads a line of an export. @throws {INPUT_UNREADABLE} when it is none, or of a later format. */
export function parseRecord(text: string, position: string): GraphRecord {
  const record = parse(text);
  if (!record || !LINES.includes(record.line)) throw unreadable(position, 'it is no line of an export');
  if (record.line === 'graph' && record.format !== EXPORT_FORMAT) {
    throw unreadable(position, `it has format ${record.format}, this Grapevine knows ${EXPORT_FORMAT}`);
  }
  return record;
}

function parse(text: string): GraphRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as GraphRecord) : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(position: string, found: string): GrapevineError {
  const next = 'give a file that `grapevine graph export --format jsonl` wrote';
  return new GrapevineError('INPUT_UNREADABLE', `reading the export, ${position}: ${found}; ${next}`);
}
