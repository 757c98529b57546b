import { expect, test } from 'vitest';
import { PLAIN_VIEW } from '../../../web/src/state/view.ts';
import { conditionsFor, draftOf, ruleOf, triggersFor } from '../../../web/src/state/watch.ts';

const ada = { id: 'ent_a', name: 'Ada', type: 'PER' };
const brine = { id: 'ent_b', name: 'Brine', type: 'ORG' };
const counts = { maxConfidence: 1, evidenceCount: 1, sourceCount: 1, authorCount: 1, firstSeenMs: 0, lastSeenMs: 0 };
const fact = { id: 'fact_f', type: '/t', headId: 'ent_a', tailId: 'ent_b', confidence: 1, ...counts };

test('a rule watches what was chosen, under the filters of the page', () => {
  const view = { ...PLAIN_VIEW, minConfidence: 0.7, minSources: 2, offTypes: ['LOC'], offRelations: ['/per/org/x_y'] };
  const draft = draftOf({ kind: 'entities', entities: [ada] }, view);
  expect(conditionsFor(draft).map(({ words }) => words)).toEqual([
    'of Ada',
    'at least 70% sure',
    'from 2 independent sources or more',
    'not “x y”',
    'not from LOC',
    'not to LOC',
  ]);
  expect(ruleOf({ ...draft, settle: '1m', every: '6h', channels: ['ops'] })).toEqual({
    name: 'News of Ada',
    when: 'FACT_CREATED',
    severity: 'WARNING',
    channels: ['ops'],
    settle: '1m',
    throttle: { per: ['HEAD', 'TAIL', 'TYPE'], every: '6h' },
    filter: {
      filters: [
        { key: 'either.id', operator: 'eq', values: ['ent_a'] },
        { key: 'confidence', operator: 'gte', values: [0.7] },
        { key: 'sourceCount', operator: 'gte', values: [2] },
        { key: 'relation.type', operator: 'not_eq', values: ['/per/org/x_y'] },
        { key: 'head.type', operator: 'not_eq', values: ['LOC'] },
        { key: 'tail.type', operator: 'not_eq', values: ['LOC'] },
      ],
    },
  });
});

test('a rule about entities has conditions of its own', () => {
  const draft = draftOf({ kind: 'view' }, { ...PLAIN_VIEW, minConfidence: 0.7, offTypes: ['LOC', 'MISC'] });
  const { filter, throttle, settle } = ruleOf({ ...draft, when: 'ENTITY_CREATED', every: '1h', settle: '1m' });
  expect(filter.filters).toEqual([{ key: 'entity.type', operator: 'not_eq', values: ['LOC', 'MISC'] }]);
  expect(throttle).toEqual({ per: ['ENTITY'], every: '1h' });
  expect(settle).toBeUndefined();
});

test('several entities are watched each, or only among themselves; a link by its two ends; a condition can be left out', () => {
  const several = draftOf({ kind: 'entities', entities: [ada, brine] }, PLAIN_VIEW);
  expect(several.name).toBe('News of Ada and 1 other');
  expect(triggersFor({ kind: 'entities', entities: [ada] })).toContain('ENTITY_MENTIONED');
  expect(ruleOf({ ...several, when: 'ENTITY_MENTIONED' }).filter.filters).toEqual([
    { key: 'entity.id', operator: 'eq', values: ['ent_a', 'ent_b'] },
  ]);
  const both = { key: 'both.id', operator: 'eq', values: ['ent_a', 'ent_b'] };
  expect(ruleOf(several).filter.filters).toEqual([{ ...both, key: 'either.id' }]);
  const among = several.conditions.map((one) => ({ ...one, isOn: !one.isOn }));
  expect(ruleOf({ ...several, conditions: among }).filter.filters).toEqual([both]);
  const link = draftOf({ kind: 'link', link: { fact, head: ada, tail: brine } }, PLAIN_VIEW);
  expect([link.name, ruleOf(link).filter.filters]).toEqual(['Ada and Brine', [both]]);
  expect(triggersFor({ kind: 'link', link: { fact, head: ada, tail: brine } })).toContain('PAIR_SPIKE');
  const together = ruleOf({ ...link, when: 'PAIR_SPIKE', every: '1h', settle: '1m' });
  expect(together).toMatchObject({ filter: { filters: [both] }, throttle: { per: ['PAIR'] } });
  expect(together.settle).toBeUndefined();
  const { settle, throttle, filter } = ruleOf(draftOf({ kind: 'view' }, PLAIN_VIEW));
  expect([settle, throttle, filter.filters]).toEqual([undefined, undefined, []]);
});
