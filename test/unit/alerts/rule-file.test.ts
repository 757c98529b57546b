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
  ...['(a+)+$', '((a+))+$', '(a|aa)+$', '([a-z]|b)+$', '((b+) ?)+$', '(?:a?b?)*$', '(a{1,9}){2,}$'].map(
    (slow): [string, string, string] => [
      `the slow expression ${slow}`,
      GOOD.replace('/^harbour/i', `/${slow}/`),
      'line 3, column 21: watchlists.board.1',
    ],
  ),
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

const entityRule = (more: string, when = 'entity.created') => `rules:\n  - {name: x, when: ${when}, ${more}}`;
const condition = (key: string) => `filter: {filters: [{key: ${key}, operator: eq, values: [A]}]}`;

test.each([
  [
    'a field of facts',
    entityRule(condition('head.name')),
    'line 2, column 62: rules.0.filter.filters.0.key: "head.name" is no field of what this rule is about; expected one of entity.id',
  ],
  [
    'a field of entities, in a rule about facts',
    entityRule(`filter: {filterGroups: [${condition('entity.name').slice('filter: '.length)}]}`, 'fact.created'),
    'rules.0.filter.filterGroups.0.filters.0.key: "entity.name" is no field',
  ],
  ['what one was merged into, where it was not', entityRule(condition('into.name')), '"into.name" is no field'],
  [
    'numbers, which entities have not',
    entityRule('filter: {filters: [{key: sourceCount, operator: gte, values: [2]}]}'),
    '"sourceCount" is no field',
  ],
  [
    'parts of facts',
    entityRule('group: {by: [type, head]}'),
    'rules.0.group.by.1: what this rule is about has no "head"; expected rule, entity, type',
  ],
  [
    'parts of entities, in a rule about facts',
    entityRule('throttle: {per: [entity]}', 'fact.created'),
    'rules.0.throttle.per.0: what this rule is about has no "entity"',
  ],
  ['settling', entityRule('settle: 5s'), 'rules.0.settle: a rule about entities cannot settle'],
  [
    'a new link',
    entityRule('novelty: {of: link, window: 1d}'),
    'rules.0.novelty.of: a rule about entities cannot ask for a new link; expected entity',
  ],
  [
    'a template about facts',
    entityRule('template: "{{head.name}}"'),
    'rules.0.template: there is no field "head.name"; expected one of rule, severity, event, entity.name, entity.type',
  ],
  [
    'a template that names what it was merged into, where it was not',
    entityRule('template: "{{into.name}}"'),
    'there is no field "into.name"',
  ],
])('a rule is told of %s', (_, text, expected) => {
  expect(problemsOf(text).join('\n')).toContain(expected);
});

const MENTIONS = 'line 5, column 21: rules.0.when: entity.mentioned needs a filter that names its entities';
const mentionRule = (filter: string) => `watchlists:
  names: [Ada Lind, ent_bo]
  any: [Ada Lind, "/^harbour/i"]
rules:
  - {name: x, when: entity.mentioned, filter: ${filter}}`;
const named = (key: string, more = 'operator: eq, values: [names]') => `{key: ${key}, ${more}}`;

test.each([
  ['without a filter', '{}'],
  ['about a type', `{filters: [${named('entity.type')}]}`],
  ['about names that begin so', `{filters: [${named('entity.name', 'operator: starts_with, values: [A]')}]}`],
  ['about all but one', `{filters: [${named('entity.id', 'operator: not_eq, values: [A]')}]}`],
  ['about a watchlist with an expression', `{filters: [${named('entity.watchlist', 'operator: eq, values: [any]')}]}`],
  ['about a name or a type', `{mode: or, filters: [${named('entity.name')}, ${named('entity.type')}]}`],
])('a rule about mentions is refused %s', (_, filter) => {
  expect(problemsOf(mentionRule(filter)).join('\n')).toContain(MENTIONS);
});

test.each([
  [`{filters: [${named('entity.watchlist')}]}`, { ids: ['ent_bo'], names: ['Ada Lind'] }],
  [`{filters: [${named('entity.type')}, ${named('entity.id')}]}`, { ids: ['names'], names: [] }],
  [`{mode: or, filters: [${named('entity.id')}, ${named('entity.name')}]}`, { ids: ['names'], names: ['names'] }],
  [
    `{filters: [${named('entity.watchlist', 'operator: eq, mode: and, values: [any, names]')}]}`,
    { ids: ['ent_bo'], names: ['Ada Lind'] },
  ],
  [`{filterGroups: [{filters: [${named('entity.name')}]}]}`, { ids: [], names: ['names'] }],
])('a rule about mentions with %s waits for %j', (filter, members) => {
  expect(parseRules(mentionRule(filter), 'rules.yaml').rules[0]?.members).toEqual(members);
});

test('a rule about entities can say all that fits', () => {
  const more = `${condition('into.type')}, template: "{{entity.name}} {{into.name}}", group: {by: [entity, type]},
    novelty: {of: entity, window: forever}, throttle: {per: [rule, type], every: 1h}`;
  expect(problemsOf(entityRule(more, 'entity.merged'))).toEqual([]);
});

const spikeRule = (more: string, when = 'entity.spike', side = 'entity') =>
  `rules:\n  - {name: x, when: ${when}, ${more}, filter: {filters: [${named(`${side}.name`)}]}}`;

test('a rule about spikes says how they are found, or leaves it', () => {
  expect(parseRules(spikeRule('severity: info'), 'rules.yaml').rules[0]?.spike).toEqual({
    bucketMs: 3_600_000,
    buckets: 12,
    method: 'zscore',
    threshold: 3,
    minCount: 20,
  });
  const all = 'spike: {bucket: 1m, baseline: 168m, method: ratio, threshold: 1.5, minCount: 1}';
  const [rule] = parseRules(
    spikeRule(`${all}, group: {by: [pair]}, novelty: {of: pair, window: 1d}`, 'pair.spike', 'either'),
    'r',
  ).rules;
  expect(rule?.spike).toEqual({ bucketMs: 60_000, buckets: 168, method: 'ratio', threshold: 1.5, minCount: 1 });
  expect(rule?.members).toEqual({ ids: [], names: ['names'] });
  const both = `rules: [{name: x, when: pair.spike, filter: {filters: [${named('both.id')}, ${named('either.type')}]}}]`;
  expect(parseRules(both, 'r').rules[0]?.members).toEqual({ ids: ['names'], names: [] });
  const template =
    'template: "{{first.name}} {{second.type}} {{mentions}} {{usual}}", throttle: {per: [pair], every: 1h}';
  expect(problemsOf(spikeRule(template, 'pair.spike', 'both'))).toEqual([]);
});

test.each([
  ['too short a bucket', spikeRule('spike: {bucket: 30s}'), 'rules.0.spike.bucket: a bucket is at least 1m'],
  [
    'too long a bucket',
    spikeRule('spike: {bucket: 2d}'),
    'rules.0.spike.bucket: "2d" is not possible here; expected at most 1 d',
  ],
  ['a baseline of parts', spikeRule('spike: {baseline: 90m}'), 'rules.0.spike.baseline: a baseline is 2 to 168 whole'],
  ['too short a baseline', spikeRule('spike: {baseline: 1h}'), 'rules.0.spike.baseline: a baseline is 2 to 168 whole'],
  ['too long a baseline', spikeRule('spike: {baseline: 8d}'), 'rules.0.spike.baseline: a baseline is 2 to 168 whole'],
  ['another method', spikeRule('spike: {method: guess}'), 'rules.0.spike.method'],
  ['no threshold', spikeRule('spike: {threshold: 0}'), 'rules.0.spike.threshold'],
  ['no mentions', spikeRule('spike: {minCount: 0}'), 'rules.0.spike.minCount'],
  [
    'a spike where none is counted',
    spikeRule('spike: {}', 'entity.mentioned'),
    'rules.0.spike: entity.mentioned counts',
  ],
  [
    'a pair of one',
    spikeRule('severity: info', 'pair.spike'),
    'filter.filters.0.key: "entity.name" is no field of what',
  ],
  [
    'an entity of two',
    spikeRule('throttle: {per: [entity]}', 'pair.spike', 'both'),
    'this rule is about has no "entity"',
  ],
  [
    'a new entity of two',
    spikeRule('novelty: {of: entity, window: 1d}', 'pair.spike', 'both'),
    'a new entity; expected pair',
  ],
  ['settling', spikeRule('settle: 5s', 'pair.spike', 'both'), 'rules.0.settle: a rule about pairs cannot settle'],
  ['numbers in a mention', spikeRule('template: "{{usual}}"', 'entity.mentioned'), 'there is no field "usual"'],
  [
    'nobody',
    'rules: [{name: x, when: entity.spike}]',
    'entity.spike needs a filter that names its entities: entity.id',
  ],
  ['no pair', 'rules: [{name: x, when: pair.spike}]', 'pair.spike needs a filter that names its entities: either.id'],
])('a rule about spikes is refused with %s', (_, text, expected) => {
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
