import { type EntityEvent, entitiesIn, type GraphEvent, isFactEvent } from '../../domain/graph.ts';
import type { AlertedEntity, AlertSubject } from '../../graph/alert-store.ts';
import { evaluate } from '../evaluate.ts';
import type { AlertRule, RulePart } from '../rule.ts';
import { topicOf } from '../triggers.ts';
import { isFactRow, isGroupRow, type Row } from './rows.ts';

/** Key of what a rule remembers of a fact or an entity. */
export function factKey(rule: string, subjectId: string): string {
  return JSON.stringify(['fact', rule, subjectId]);
}

/** Id of the fact, the entity or the mention: a rule has one row for it at a time. */
export function idOfSubject(subject: AlertSubject): string {
  if ('factId' in subject) return subject.factId;
  return subject.isMention ? subject.key : subject.entityId;
}

/** Keys of the marks that say that a rule has seen a subject; it is new while one of them is not there. */
export function noveltyKeys({ name, novelty }: AlertRule, subject: AlertSubject): readonly string[] {
  const keyOf = (...parts: readonly string[]) => JSON.stringify(['seen', name, novelty?.of, ...parts]);
  if (!novelty) return [];
  if (!('factId' in subject)) return [keyOf(...(novelty.of === 'pair' ? pairIn(subject) : [subject.entityId]))];
  const { factId, headId, tailId } = subject;
  if (novelty.of === 'link') return [keyOf(factId)];
  return novelty.of === 'pair' ? [keyOf(...[headId, tailId].sort())] : [keyOf(headId), keyOf(tailId)];
}

/** Key of the mark that says that a rule has sent about such a subject; undefined where the rule does not ask. */
export function throttleKey({ name, throttle }: AlertRule, subject: AlertSubject): string | undefined {
  if (!throttle || throttle.everyMs === 0) return undefined;
  return JSON.stringify(['sent', name, ...partsOf(throttle.per, subject)]);
}

/** Key of the group that a subject belongs to; undefined where the rule does not group. */
export function groupKey({ name, group }: AlertRule, subject: AlertSubject): string | undefined {
  return group && JSON.stringify(['group', name, ...partsOf(group.by, subject)]);
}

/** Key of the count of alerts that a rule has sent in an hour. */
export function hourKey({ name }: AlertRule): string {
  return JSON.stringify(['hour', name]);
}

/** Key of what a rule has counted of an entity or a pair. */
export function countsKey(rule: string, { entity, other }: EntityEvent): string {
  return JSON.stringify(['counts', rule, entity.id, ...(other ? [other.id] : [])]);
}

/** Key of when a rule began to count; with an entity, that one anew, because what counts as its mentions has changed. */
export function begunKey(rule: string, entityId?: string): string {
  return JSON.stringify(['begun', rule, ...(entityId === undefined ? [] : [entityId])]);
}

/** What an event says that a rule may be about. */
export function subjectOf(event: GraphEvent): AlertSubject {
  const { key, position } = event;
  if (!isFactEvent(event)) {
    const { entity, other, kind } = event;
    const more = {
      ...(other && { otherId: other.id }),
      ...((kind === 'entity.mentioned' || kind === 'pair.mentioned') && { isMention: true as const }),
    };
    return { entityId: entity.id, type: entity.type, ...more, key, position };
  }
  const { fact } = event;
  return { factId: fact.id, type: fact.type, headId: fact.headId, tailId: fact.tailId, key, position };
}

/** Facts and entities whose rows have to be there before anything is decided; entities only where a rule is about such. */
export function factsOf(events: readonly GraphEvent[], rules: readonly AlertRule[]): readonly string[] {
  const isAboutEntities = rules.some(({ when }) => topicOf(when) !== 'fact');
  const ids = events.flatMap((event) => {
    if (!isFactEvent(event)) return isAboutEntities ? [event.entity.id] : [];
    return event.movedFrom ? [event.fact.id, event.movedFrom] : [event.fact.id];
  });
  return [...new Set(ids)];
}

/** Keys of the other rows that deciding on events and rows may need. */
export function keysOf(
  events: readonly GraphEvent[],
  rows: readonly Row[],
  rules: readonly AlertRule[],
): readonly string[] {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const keys = new Set<string>();
  const add = (rule: AlertRule, subject: AlertSubject) => {
    for (const key of [...noveltyKeys(rule, subject), throttleKey(rule, subject), groupKey(rule, subject)]) {
      if (key !== undefined) keys.add(key);
    }
    keys.add(hourKey(rule));
  };
  if (events.length > 0) for (const { name, spike } of rules) if (spike) keys.add(begunKey(name));
  const moves = new Map<string, AlertSubject[]>();
  for (const event of events) {
    const subject = subjectOf(event);
    for (const rule of evaluate(event, rules)) {
      add(rule, subject);
      if (!rule.spike || isFactEvent(event)) continue;
      keys.add(countsKey(rule.name, event));
      for (const id of entitiesIn(event)) keys.add(begunKey(rule.name, id));
    }
    if (isFactEvent(event) && event.movedFrom)
      moves.set(event.movedFrom, [...(moves.get(event.movedFrom) ?? []), subject]);
  }
  for (const row of rows) {
    const rule = byName.get(row.rule);
    if (isFactRow(row)) {
      if (row.value.group) keys.add(row.value.group);
      if (rule && row.value.stage === 'settling') add(rule, row.value.subject);
      // What is moved while it settles may ripen as what it was moved to.
      for (const subject of rule ? (moves.get(row.factId ?? '') ?? []) : []) if (rule) add(rule, subject);
    } else if (rule && isGroupRow(row)) keys.add(hourKey(rule));
  }
  return [...keys];
}

/** Facts and entities that wait in groups: their rows change when the group is sent. */
export function factsInGroups(rows: readonly Row[]): readonly string[] {
  return rows.filter(isGroupRow).flatMap(({ value }) => value.subjects.map(idOfSubject));
}

/** The smaller id is first: an event tells a pair so. */
function pairIn({ entityId, otherId = '' }: AlertedEntity): readonly string[] {
  return [entityId, otherId];
}

/** A rule asks only for parts that what it is about has. */
function partsOf(parts: readonly RulePart[], subject: AlertSubject): readonly string[] {
  const { type } = subject;
  const values: Partial<Record<RulePart, string>> =
    'factId' in subject
      ? { head: subject.headId, tail: subject.tailId, type }
      : { entity: subject.entityId, pair: pairIn(subject).join(' '), type };
  return parts.map((part) => values[part] ?? '');
}
