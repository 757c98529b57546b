import { expect, test } from 'vitest';
import { evaluate, explain } from '../../../src/alerts/evaluate.ts';
import type { AlertRule } from '../../../src/alerts/rule.ts';
import { parseRules } from '../../../src/alerts/rule-file.ts';
import { type EventSketch, entityEventOf, eventOf } from '../../helpers/alert-events.ts';

const ruleOf = (when: string, ...filters: readonly string[]) =>
  parseRules(`rules: [{name: r, when: ${when}, filter: {filters: [${filters.join(', ')}]}}]`, 'r.yaml')
    .rules[0] as AlertRule;
const TWO_SOURCES = '{key: sourceCount, operator: gte, values: [2]}';
const PEOPLE = '{key: head.type, operator: eq, values: [PER]}';
const before = (sourceCount: number) => ({
  confidence: 0.8,
  maxConfidence: 0.8,
  evidenceCount: sourceCount,
  sourceCount,
  authorCount: sourceCount,
});
const strengthened = (from: number, to: number): EventSketch => ({
  kind: 'fact.strengthened',
  fact: { sourceCount: to },
  before: before(from),
});

test.each<[string, AlertRule, EventSketch, boolean]>([
  ['a new fact', ruleOf('fact.created', PEOPLE), {}, true],
  ['a new fact that has reached the gate', ruleOf('fact.threshold', TWO_SOURCES), { fact: { sourceCount: 2 } }, true],
  ['a new fact before the gate', ruleOf('fact.created', TWO_SOURCES), {}, false],
  ['a fact that crosses the gate', ruleOf('fact.created', TWO_SOURCES), strengthened(1, 2), true],
  ['a fact that leaps over the gate', ruleOf('fact.threshold', TWO_SOURCES), strengthened(1, 5), true],
  ['a fact beyond the gate', ruleOf('fact.threshold', TWO_SOURCES), strengthened(2, 3), false],
  ['a stronger fact, to a rule without gate', ruleOf('fact.created', PEOPLE), strengthened(1, 2), false],
  ['a retraction, to a rule about creations', ruleOf('fact.created'), { kind: 'fact.retracted' }, false],
  [
    'a retraction of a fact that had the sources',
    ruleOf('fact.retracted', TWO_SOURCES),
    { kind: 'fact.retracted', fact: { sourceCount: 0 }, before: before(2) },
    true,
  ],
  [
    'a retraction of a weak fact',
    ruleOf('fact.retracted', TWO_SOURCES),
    { kind: 'fact.retracted', before: before(1) },
    false,
  ],
  [
    'an event that does not say how it was',
    ruleOf('fact.threshold', TWO_SOURCES),
    { kind: 'fact.strengthened', fact: { sourceCount: 2 } },
    false,
  ],
])('%s', (_, rule, sketch, fires) => {
  const event = eventOf(sketch);
  expect(evaluate(event, [rule])).toEqual(fires ? [rule] : []);
  expect(explain(event, rule)?.fires ?? false).toBe(fires);
});

test('says why a rule did not fire', () => {
  const rule = ruleOf('fact.created', PEOPLE, TWO_SOURCES);
  expect(explain(eventOf(), rule)).toMatchObject({ fires: false, met: 1, why: ['sourceCount is 1, not gte 2'] });
  expect(explain(eventOf(strengthened(2, 3)), rule)?.why).toEqual([expect.stringContaining('held before this event')]);
  expect(explain(eventOf({ kind: 'fact.retracted' }), rule)).toBeUndefined();
});

const BOARD = '{key: entity.name, operator: eq, values: [ADA lind]}';
const INTO = '{key: into.id, operator: eq, values: [ent_bo]}';
const merged = entityEventOf({ kind: 'entity.merged', other: { id: 'ent_bo', name: 'Bo Dahl', type: 'PER' } });

test.each([
  ['a new entity', ruleOf('entity.created', BOARD), entityEventOf(), true],
  ['a new entity of another name', ruleOf('entity.created', BOARD.replace('ADA', 'Bo')), entityEventOf(), false],
  ['a merged entity, to a rule about new ones', ruleOf('entity.created'), merged, false],
  ['a merged entity', ruleOf('entity.merged', BOARD), merged, true],
  ['what it was merged into', ruleOf('entity.merged', INTO), merged, true],
  ['what it was not merged into', ruleOf('entity.merged', INTO.replace('ent_bo', 'ent_ada')), merged, false],
  ['a split, to a rule about merges', ruleOf('entity.merged'), { ...merged, kind: 'entity.split' as const }, false],
])('%s', (_, rule, event, fires) => {
  expect(evaluate(event, [rule])).toEqual(fires ? [rule] : []);
  expect(explain(event, rule)?.fires ?? false).toBe(fires);
});

test('says why a rule did not fire at an entity', () => {
  const rule = ruleOf('entity.created', '{key: entity.type, operator: eq, values: [ORG]}', BOARD);
  expect(explain(entityEventOf(), rule)).toMatchObject({ met: 1, why: ['entity.type is "PER", not eq ORG'] });
  expect(explain(eventOf(), rule)).toBeUndefined();
});
