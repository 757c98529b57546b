import { type FactEvent, type GraphEvent, isFactEvent } from '../domain/graph.ts';
import type { AlertRule } from './rule.ts';
import { heardKind } from './triggers.ts';

/** What a rule says to an event that is of its kind: it fires, or why not. One about spikes counts what fires. */
export interface Verdict {
  readonly rule: AlertRule;
  readonly fires: boolean;
  /** Conditions of the filter that hold: of two events that did not fire, the one with more was nearer. */
  readonly met: number;
  /** Why it did not fire; empty when it does. */
  readonly why: readonly string[];
}

const evaluated = new WeakMap<
  GraphEvent,
  { readonly rules: readonly AlertRule[]; readonly firing: readonly AlertRule[] }
>();

/**
 * The rules that fire at an event. Depends on nothing but the event, so every process and every replay finds the same. It is
 * asked what a decision needs, and again in the decision: the answer is remembered.
 */
export function evaluate(event: GraphEvent, rules: readonly AlertRule[]): readonly AlertRule[] {
  const known = evaluated.get(event);
  if (known?.rules === rules) return known.firing;
  const firing = rules.filter((rule) => fires(rule, event));
  evaluated.set(event, { rules, firing });
  return firing;
}

function fires(rule: AlertRule, event: GraphEvent): boolean {
  if (!isFactEvent(event)) return heardKind(rule.when) === event.kind && rule.filter.holds(event);
  return isAbout(rule, event) && rule.filter.holds(judged(rule, event)) && isCrossing(rule, event);
}

/** What a rule says to an event; undefined where the event is none of its kind. */
export function explain(event: GraphEvent, rule: AlertRule): Verdict | undefined {
  if (!isFactEvent(event)) {
    if (heardKind(rule.when) !== event.kind) return undefined;
    const { holds, met, misses } = rule.filter.explain(event);
    return { rule, fires: holds, met, why: misses };
  }
  if (!isAbout(rule, event)) return undefined;
  const { holds, met, misses } = rule.filter.explain(judged(rule, event));
  if (!holds) return { rule, fires: false, met, why: misses };
  if (isCrossing(rule, event)) return { rule, fires: true, met, why: [] };
  const why = event.before
    ? 'the filter held before this event, so no gate was crossed'
    : 'the event is of an earlier Grapevine and does not say how the fact was before';
  return { rule, fires: false, met, why: [why] };
}

/** A fact that is new may reach the gates of a rule later: a link seen at eight and confirmed at nine is news at nine. */
function isAbout({ when, hasGate }: AlertRule, { kind }: FactEvent): boolean {
  if (when !== 'fact.created' && when !== 'fact.threshold') return kind === when;
  return kind === 'fact.created' || (kind === 'fact.strengthened' && hasGate);
}

/** A fact has no numbers left when it is retracted: a rule judges those it had. */
function judged({ when }: AlertRule, event: FactEvent): FactEvent {
  return when === 'fact.retracted' ? asBefore(event) : event;
}

/** A gate fires when it is crossed, not again with every post beyond it. */
function isCrossing({ filter }: AlertRule, event: FactEvent): boolean {
  if (event.kind !== 'fact.strengthened') return true;
  return event.before !== undefined && !filter.holds(asBefore(event));
}

function asBefore(event: FactEvent): FactEvent {
  return event.before ? { ...event, fact: { ...event.fact, ...event.before } } : event;
}
