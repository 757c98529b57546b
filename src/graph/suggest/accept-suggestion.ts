import { derivedDecisionId } from '../../domain/ids.ts';
import type { MergeSuggestion } from '../../domain/suggestion.ts';
import { GrapevineError } from '../../errors.ts';
import type { GraphReader } from '../graph-reader.ts';
import type { Decided, GraphStore } from '../graph-store.ts';
import { keyOf } from '../resolve/entity-key.ts';

/** What became of a suggestion that nobody looked at. */
export type Accepted =
  | { readonly outcome: 'merged'; readonly decided: Decided }
  /** The two have been one, and a person took that back. */
  | { readonly outcome: 'taken_back' }
  /** One of the two is part of another by now: what speaks for the pair has to be looked at anew. */
  | { readonly outcome: 'changed' };

/** Merges what a suggestion names, but never a pair that was merged before. */
export async function acceptSuggestion(
  { store, reader }: { readonly store: GraphStore; readonly reader: GraphReader },
  suggestion: MergeSuggestion,
): Promise<Accepted> {
  const { from, into } = suggestion;
  const now = await reader.entitiesById([from.id, into.id]);
  if (now[0]?.id !== from.id || now[1]?.id !== into.id) return { outcome: 'changed' };
  const pair = new Set([from.id, into.id]);
  const log = await reader.decisionsAbout([from.id]);
  // Both are whole, so a merge of the two that is in the log has been undone or split.
  if (log.some((one) => one.kind === 'merge' && pair.has(one.from.id) && pair.has(one.into.id)))
    return { outcome: 'taken_back' };
  const id = derivedDecisionId('auto', [from.id, into.id]);
  const reason = reasonOf(suggestion);
  try {
    const decided = await store.decide({ kind: 'merge', from: keyOf(from), into: keyOf(into) }, { id, reason });
    return { outcome: 'merged', decided };
  } catch (error) {
    if (error instanceof GrapevineError && error.code === 'USAGE') return { outcome: 'changed' };
    throw error;
  }
}

/** Why a merge was made that somebody accepted without saying more. */
export function reasonOf({ score, reasons }: MergeSuggestion): string {
  return `suggested with ${score}: ${reasons.map((one) => `${one.kind} ${one.score}`).join(', ')}`;
}
