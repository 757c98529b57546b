import type { Entity } from '../../domain/graph.ts';
import type { MergeSuggestion } from '../../domain/suggestion.ts';
import type { GraphReader } from '../graph-reader.ts';
import { findApart } from './find-apart.ts';
import { FINDERS } from './finders.ts';
import type { Hint } from './hint.ts';

/** Most suggestions for one entity. */
const MAX_SUGGESTIONS = 20;

const MAX_SCORE = 0.99;

/**
 * Which other entities may be the same as this one, best first. They are worked out from what the graph holds now, so none
 * is stored and none goes stale; those that somebody keeps apart are left out.
 */
export async function suggestMerges(reader: GraphReader, entity: Entity): Promise<readonly MergeSuggestion[]> {
  const hints = (await Promise.all(FINDERS.map((find) => find(reader, entity)))).flat();
  const byOther = new Map<string, Hint[]>();
  for (const hint of hints) {
    if (hint.other.id !== entity.id) byOther.set(hint.other.id, [...(byOther.get(hint.other.id) ?? []), hint]);
  }
  if (byOther.size === 0) return [];
  const apart = await findApart(reader, entity);
  return [...byOther]
    .filter(([id]) => !apart.has(id))
    .map(([, found]) => suggestionOf(entity, found))
    .sort((a, b) => b.score - a.score || (otherId(a, entity) < otherId(b, entity) ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS);
}

function suggestionOf(entity: Entity, hints: readonly Hint[]): MergeSuggestion {
  const sorted = hints.toSorted((a, b) => b.reason.score - a.reason.score || (a.reason.kind < b.reason.kind ? -1 : 1));
  const other = hints[0]?.other as Entity;
  const into = sorted.find(({ fuller }) => fuller)?.fuller ?? busier(entity, other);
  const doubt = sorted.reduce((product, { reason }) => product * (1 - reason.score), 1);
  return {
    from: into.id === entity.id ? other : entity,
    into,
    score: Math.min(MAX_SCORE, Math.round((1 - doubt) * 1e4) / 1e4),
    reasons: sorted.map(({ reason }) => reason),
  };
}

function busier(a: Entity, b: Entity): Entity {
  if (a.mentionCount !== b.mentionCount) return a.mentionCount > b.mentionCount ? a : b;
  return a.id < b.id ? a : b;
}

function otherId({ from, into }: MergeSuggestion, entity: Entity): string {
  return from.id === entity.id ? into.id : from.id;
}
