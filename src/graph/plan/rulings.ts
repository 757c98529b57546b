import { randomUUID } from 'node:crypto';
import type { Decision, Ruling } from '../../domain/decision.ts';
import { factId } from '../../domain/ids.ts';
import { GrapevineError } from '../../errors.ts';
import type { AskedRuling, Decided, DecidedAll, RulingOutcome } from '../graph-store.ts';
import { DecisionLog } from './decision-log.ts';
import { type Resolution, rootOf } from './resolution.ts';

/** Rulings as the log takes them. */
export function decisionsOf(asked: readonly AskedRuling[], atMs: number): readonly Decision[] {
  return asked.map(({ ruling, id, reason }) => ({
    ...ruling,
    id: id ?? `dec_${randomUUID()}`,
    reason: reason ?? null,
    atMs,
  }));
}

/** What becomes of decisions, with what all of them come to before and after. */
export interface TakenRulings {
  readonly outcomes: readonly RulingOutcome[];
  /** Those that are new. */
  readonly taken: readonly Decision[];
  readonly before: Resolution;
  readonly after: Resolution;
}

/** Takes decisions in their turn; one that says nothing new, or speaks of an entity that is part of another, is refused. */
export function takeRulings(asked: readonly Decision[], past: readonly Decision[]): TakenRulings {
  const log = new DecisionLog(past);
  const before = log.snapshot();
  const outcomes = asked.map((decision): RulingOutcome => {
    const known = log.find(decision.id);
    if (known) return { decision: known, isNew: false };
    const why = whyNot(decision, log);
    if (why !== undefined) return { refused: why };
    log.add(decision);
    return { decision, isNew: true };
  });
  return { outcomes, taken: log.decisions.slice(past.length), before, after: log.now };
}

/** The one decision that was asked for. @throws {USAGE} when it was refused. */
export function onlyDecision({ outcomes: [outcome], posts }: DecidedAll): Decided {
  if (!outcome || 'refused' in outcome) throw new GrapevineError('USAGE', outcome?.refused ?? 'nothing was decided');
  return { ...outcome, posts };
}

function whyNot(ruling: Ruling, log: DecisionLog): string | undefined {
  switch (ruling.kind) {
    case 'merge': {
      const why = whyNotMerge(ruling, log);
      return why && `merging an entity: ${why}`;
    }
    case 'split':
      if (log.now.redirects.has(ruling.entity.id)) return undefined;
      return `splitting an entity: ${ruling.entity.id} is not part of another one`;
    case 'reject': {
      const id = factId(ruling.headId, ruling.type, ruling.tailId);
      return log.now.rejected.has(id) ? 'rejecting a fact: it has been rejected before' : undefined;
    }
    case 'distinct': {
      const why = whyNotApart(ruling, log);
      return why && `keeping entities apart: ${why}`;
    }
    case 'identify':
      if (!log.isIdentified(ruling.entity.id, ruling.externalId)) return undefined;
      return `identifying an entity: it is ${ruling.externalId} already`;
    case 'undo': {
      if (log.isInForce(ruling.decisionId)) return undefined;
      const isKnown = log.find(ruling.decisionId) !== undefined;
      return `undoing a decision: ${ruling.decisionId} is ${isKnown ? 'undone already' : 'no decision'}`;
    }
    default:
      return ruling satisfies never;
  }
}

function whyNotMerge({ from, into }: Ruling & { kind: 'merge' }, log: DecisionLog): string | undefined {
  if (from.id === into.id) return 'both are the same one';
  for (const { id } of [from, into]) {
    const root = log.now.redirects.get(id)?.root;
    if (root) return `${id} is part of ${root.id} already; name that one, or split the first off it`;
  }
  const apart = log.findApartAmongParts(from.id, into.id);
  return apart && `${apart.id} says that the two are not one; undo that first`;
}

function whyNotApart({ a, b }: Ruling & { kind: 'distinct' }, log: DecisionLog): string | undefined {
  if (rootOf(log.now, a.id) === rootOf(log.now, b.id)) return 'the two are one; split them first';
  return log.findApart(a.id, b.id) && 'that has been said before';
}
