import { expect, test } from 'vitest';
import { compileWatchlist } from '../../../src/alerts/watchlist.ts';
import { compileFilter, type FilterCondition, type FilterGroup } from '../../../src/domain/filter.ts';
import { eventOf } from '../../helpers/alert-events.ts';

const watchlists = new Map([
  ['people', compileWatchlist(['ADA  lind', 'ent_bo'])],
  ['firms', compileWatchlist(['/robotics$/i'])],
]);
const group = (...filters: readonly FilterCondition[]): FilterGroup => ({ mode: 'and', filters, filterGroups: [] });
const holds = (key: string, operator: FilterCondition['operator'], ...values: (string | number)[]) =>
  compileFilter(group({ key, operator, values }), watchlists).holds(eventOf());

test.each([
  ['relation.type', 'eq', ['PER_ORG_MEMBER_OF'], true],
  ['relation.type', 'eq', ['/per/org/member_of'], true],
  ['relation.type', 'starts_with', ['/per/loc'], false],
  ['head.name', 'eq', ['ada lind'], true],
  ['tail.name', 'contains', ['robot'], true],
  ['either.name', 'eq', ['Harbour Robotics'], true],
  ['both.type', 'eq', ['PER', 'ORG'], true],
  ['both.type', 'eq', ['PER'], false],
  ['head.type', 'not_eq', ['PER', 'ORG'], false],
  ['head.type', 'not_eq', ['LOC', 'ORG'], true],
  ['confidence', 'gte', [0.8], true],
  ['confidence', 'gt', [0.8], false],
  ['confidence', 'within', [0.5, 0.8], true],
  ['sourceCount', 'lt', [2], true],
  ['firstSeen', 'gte', ['2026-05-15'], true],
  ['firstSeen', 'within', ['2026-05-16', '2026-05-17'], false],
  ['either.watchlist', 'eq', ['people'], true],
  ['both.watchlist', 'eq', ['people', 'firms'], true],
  ['tail.watchlist', 'not_eq', ['people'], true],
] as const)('%s %s %j gives %s', (key, operator, values, expected) => {
  expect(holds(key, operator, ...values)).toBe(expected);
});

test('groups nest, and an empty one holds', () => {
  const no = { key: 'sourceCount', operator: 'gte', values: [9] } as const;
  const yes = { key: 'head.type', operator: 'eq', values: ['PER'] } as const;
  const filter = compileFilter({ ...group(yes), filterGroups: [{ ...group(no, yes), mode: 'or' }] });
  expect(filter.holds(eventOf())).toBe(true);
  expect(compileFilter({ ...group(yes), filterGroups: [group(no)] }).holds(eventOf())).toBe(false);
  expect(compileFilter({ ...group(), mode: 'or' }).holds(eventOf())).toBe(true);
});

test('says what was found where something was not met', () => {
  const filter = compileFilter(
    group({ key: 'head.type', operator: 'eq', values: ['PER'] }, { key: 'confidence', operator: 'gte', values: [0.9] }),
  );
  expect(filter.explain(eventOf())).toEqual({ holds: false, met: 1, misses: ['confidence is 0.8, not gte 0.9'] });
});
