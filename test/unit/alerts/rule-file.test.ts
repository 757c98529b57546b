import { expect, test } from 'vitest';
import { parseRules } from '../../../src/alerts/rule-file.ts';

const GOOD = `
watchlists:
  board: [Ada Lind, "/^harbour/i"]
rules:
  - name: New employer links
    when: fact.created
    filter:
      mode: and
      filters:
        - {key: relation.type, operator: eq, values: [PER_ORG_MEMBER_OF]}
        - {key: either.watchlist, operator: eq, values: [board]}
        - {key: sourceCount, operator: gte, values: [2]}
`;

const problemsOf = (text: string): readonly string[] => {
  try {
    parseRules(text, 'rules.yaml');
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return (error as Error).message.split('\n').map((line) => line.trim());
  }
};

test('reads rules', () => {
  expect(parseRules(GOOD, 'rules.yaml').rules).toMatchObject([
    { name: 'New employer links', when: 'fact.created', hasGate: true },
  ]);
});

test.each([
  [
    'a key that there is not',
    GOOD.replace('    when:', '    wen:'),
    'line 6, column 10: rules.0.wen: there is no "wen" here',
  ],
  ['a trigger that there is not', GOOD.replace('fact.created', 'fact.made'), 'line 6, column 11: rules.0.when'],
  [
    'a field that there is not',
    GOOD.replace('sourceCount', 'sources'),
    'line 12, column 17: rules.0.filter.filters.2.key: there is no field "sources"',
  ],
  [
    'an operator that does not fit',
    GOOD.replace('gte, values: [2]', 'contains, values: [2]'),
    'line 12, column 40: rules.0.filter.filters.2.operator',
  ],
  [
    'a value that does not fit',
    GOOD.replace('values: [2]', 'values: [many]'),
    'rules.0.filter.filters.2.values: "many" is no value',
  ],
  ['a watchlist that there is not', GOOD.replace('[board]', '[bored]'), 'there is no watchlist "bored"'],
  ['a slow expression', GOOD.replace('/^harbour/i', '/(a+)+$/'), 'line 3, column 21: watchlists.board.1'],
  ['a threshold without a gate', 'rules: [{name: x, when: fact.threshold}]', 'needs a filter on a number'],
  [
    'two of a name',
    'rules:\n  - {name: x, when: fact.created}\n  - {name: x, when: fact.created}',
    'line 3, column 12: rules.1.name: there are two rules "x"',
  ],
  ['no YAML', 'rules: [', 'line 1, column 9'],
  ['nothing', '', 'line 1, column 1: the file'],
])('tells %s and where', (_, text, expected) => {
  expect(problemsOf(text).join('\n')).toContain(`reading the alert rules rules.yaml:`);
  expect(problemsOf(text).join('\n')).toContain(expected);
});

test('tells all problems at once', () => {
  expect(problemsOf('rules:\n  - {name: x, when: never}\n  - {when: fact.created}')).toHaveLength(3);
});

test('groups nest to a depth, not endlessly', () => {
  const nest = (depth: number): string => (depth === 0 ? '{}' : `{filterGroups: [${nest(depth - 1)}]}`);
  const text = (depth: number) => `rules: [{name: x, when: fact.created, filter: ${nest(depth)}}]`;
  expect(problemsOf(text(15))).toEqual([]);
  expect(problemsOf(text(16)).join()).toContain('groups nest deeper than 16');
});
