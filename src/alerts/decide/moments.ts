import { type GraphEvent, isFactEvent } from '../../domain/graph.ts';
import type { AlertRule } from '../rule.ts';
import { hearsMentions, topicOf } from '../triggers.ts';

/** What such a rule is about happens and is over: it fires each time, and is not resolved. */
export function isOfMoment({ when }: AlertRule): boolean {
  return when === 'fact.retracted' || topicOf(when) !== 'fact';
}

/** True where an event says the opposite of what a rule is about. */
export function isOpposite({ when }: AlertRule, { kind }: GraphEvent): boolean {
  if (when === 'entity.created') return kind === 'entity.merged';
  if (when === 'entity.merged') return kind === 'entity.split';
  if (hearsMentions(when)) return false;
  return (when === 'fact.retracted') !== (kind === 'fact.retracted');
}

/** When posts last said it, epoch milliseconds: that a fact is gone, and what people decide, is never old. */
export function lastSeen(event: GraphEvent): number {
  if (!isFactEvent(event)) return event.seenMs ?? Number.POSITIVE_INFINITY;
  return event.kind === 'fact.retracted' ? Number.POSITIVE_INFINITY : event.fact.lastSeenMs;
}
