import { expect, test } from 'vitest';
import type { FilterCondition, FilterGroup } from '../../../../src/domain/filter.ts';
import { narrow } from '../../../../src/graph/explore/narrow.ts';

const RELATIONS = ['/per/org/member_of', '/a/b', 'A_B'];
const group = (...filters: readonly FilterCondition[]): FilterGroup => ({ mode: 'and', filters, filterGroups: [] });
const is = (key: string, operator: FilterCondition['operator'], ...values: (string | number)[]) => ({
  key,
  operator,
  values,
});

test.each([
  [group(), {}, true],
  [group(is('relation.type', 'eq', 'PER_ORG_MEMBER_OF')), { type: '/per/org/member_of' }, true],
  [group(is('relation.type', 'eq', '/none')), { type: '/none' }, true],
  // Two types of the graph have this name.
  [group(is('relation.type', 'eq', '/a/b')), {}, false],
  [group(is('relation.type', 'eq', '/a/c', '/a/d')), {}, false],
  [group(is('confidence', 'gte', 0.5), is('confidence', 'gte', 0.3)), { minConfidence: 0.5 }, true],
  [group(is('confidence', 'gt', 0.5)), { minConfidence: 0.5 }, false],
  [group(is('confidence', 'within', 0.5, 0.6)), { minConfidence: 0.5 }, false],
  [group(is('confidence', 'lte', 0.5)), {}, false],
  [group(is('head.id', 'eq', 'x')), { entityId: 'x', direction: 'OUT' }, true],
  [group(is('tail.id', 'eq', 'x')), { entityId: 'x', direction: 'IN' }, true],
  [group(is('either.id', 'eq', 'x')), { entityId: 'x', direction: 'ANY' }, true],
  [group(is('both.id', 'eq', 'x')), {}, false],
  [group(is('head.id', 'eq', 'x'), is('tail.id', 'eq', 'y')), { entityId: 'x', direction: 'OUT' }, false],
  [{ ...group(is('confidence', 'gte', 0.5)), mode: 'or' }, { minConfidence: 0.5 }, true],
  [{ ...group(is('confidence', 'gte', 0.5), is('head.id', 'eq', 'x')), mode: 'or' }, {}, false],
  [{ ...group(), filterGroups: [group(is('confidence', 'gte', 0.5))] }, { minConfidence: 0.5 }, true],
  [
    { ...group(is('head.name', 'eq', 'a')), filterGroups: [group(is('head.id', 'eq', 'x'))] },
    { entityId: 'x', direction: 'OUT' },
    false,
  ],
] as const)('%j lets the graph look for %j', (filter, query, isWhole) => {
  expect(narrow({}, filter, RELATIONS)).toEqual({ query, isWhole });
});

test('what is asked for besides stays', () => {
  const filter = group(
    is('confidence', 'gte', 0.3),
    is('head.id', 'eq', 'x'),
    is('relation.type', 'eq', 'PER_ORG_MEMBER_OF'),
  );
  const query = { entityId: 'y', type: '/other', minConfidence: 0.4 };
  expect(narrow(query, filter, RELATIONS)).toEqual({ query, isWhole: false });
});
