import type { Decision } from '../../domain/decision.ts';
import { factId } from '../../domain/ids.ts';
import { inForce } from './resolution.ts';

/** Ids of the entities and the fact that a decision is about, external ones included; an undone one is about what that was about. */
export function subjectsOf(decision: Decision, log: readonly Decision[]): readonly string[] {
  switch (decision.kind) {
    case 'merge':
      return [decision.from.id, decision.into.id];
    case 'distinct':
      return [decision.a.id, decision.b.id];
    case 'split':
      return [decision.entity.id];
    case 'identify':
      return [decision.entity.id, decision.externalId];
    case 'reject':
      return [decision.headId, decision.tailId, factId(decision.headId, decision.type, decision.tailId)];
    case 'undo': {
      const undone = log.find(({ id }) => id === decision.decisionId);
      return undone ? subjectsOf(undone, log) : [];
    }
    default:
      return decision satisfies never;
  }
}

/** What other catalogues call any of the entities, in the order in which it was said. */
export function externalIdsOf(log: readonly Decision[], ids: readonly string[]): readonly string[] {
  const said = inForce(log).flatMap((decision) =>
    decision.kind === 'identify' && ids.includes(decision.entity.id) ? [decision.externalId] : [],
  );
  return [...new Set(said)];
}
