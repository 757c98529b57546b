import type { Fact } from './graph.ts';

/** A condition on one field. */
export interface FilterCondition {
  /**
   * A field of a fact, or of its ends: `head.name`, `tail.type`, `either.watchlist`, `both.type`. In a filter about entities
   * `entity.name`, and `into.name` of what it was merged into; in one about pairs `either.name`, `both.type`.
   */
  readonly key: string;
  readonly operator: FilterOperator;
  readonly values: readonly (string | number)[];
  /** Whether one value has to fit or all of them. @default 'or', and 'and' for `not_eq` */
  readonly mode?: 'and' | 'or' | undefined;
}

/** Conditions and groups of them; one grammar for queries, subscriptions and alert rules. An empty group holds. */
export interface FilterGroup {
  readonly mode: 'and' | 'or';
  readonly filters: readonly FilterCondition[];
  readonly filterGroups: readonly FilterGroup[];
}

/** What a filter judges. */
export type FilterSubject = FactSubject | EntitySubject;

/** A fact with the names and types of its ends. */
export interface FactSubject {
  readonly fact: Pick<Fact, 'id' | 'type' | 'headId' | 'tailId' | 'firstSeenMs' | 'lastSeenMs' | keyof FactNumbers>;
  readonly headName: string;
  readonly headType: string;
  readonly tailName: string;
  readonly tailType: string;
}

/** An entity, and the other one where it was merged or where the two are a pair. */
export interface EntitySubject {
  readonly entity: FilterEnd;
  readonly other?: FilterEnd;
}

/** What a filter is about: it decides which keys there are. `merge` is about an entity and what it was merged into, `pair` about two. */
export type FilterTopic = 'fact' | 'entity' | 'merge' | 'pair';

/** The numbers of a fact that a gate can stand on. */
export type FactNumbers = Pick<Fact, 'confidence' | 'maxConfidence' | 'evidenceCount' | 'sourceCount' | 'authorCount'>;

/** One end of a fact. */
export interface FilterEnd {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** Which entities each watchlist names. */
export type Watchlists = ReadonlyMap<string, Watchlist>;

/** True for the entities that a watchlist names. */
export interface Watchlist {
  (end: FilterEnd): boolean;
  /** Who they are, where that can be said beforehand: an expression can name anybody. */
  readonly members?: Members | undefined;
}

/** Entities by their ids and by the names that they are shown by. */
export interface Members {
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/** A filter that is ready to judge. */
export interface CompiledFilter {
  holds(subject: FilterSubject): boolean;
  /** How the subject fares with each condition that decides; no misses where the filter holds. */
  explain(subject: FilterSubject): FilterFinding;
}

/** What a filter found. */
export interface FilterFinding {
  readonly holds: boolean;
  /** Conditions that hold, and those that do not with what was found: `confidence is 0.62, not gte 0.8`. */
  readonly met: number;
  readonly misses: readonly string[];
}

export const FILTER_OPERATORS = [
  'eq',
  'not_eq',
  'gt',
  'gte',
  'lt',
  'lte',
  'within',
  'starts_with',
  'contains',
] as const;

/** How a field is compared with values. `within` takes two, the bounds, both inclusive. */
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

type Kind = 'text' | 'relation' | 'name' | 'number' | 'time' | 'watchlist';

const GATES = ['confidence', 'maxConfidence', 'evidenceCount', 'sourceCount', 'authorCount'] as const;
const FACT_FIELDS: Readonly<Record<string, Kind>> = {
  id: 'text',
  'relation.type': 'relation',
  ...Object.fromEntries(GATES.map((gate) => [gate, 'number' as const])),
  firstSeen: 'time',
  lastSeen: 'time',
};
const END_FIELDS: Readonly<Record<string, Kind>> = { id: 'text', name: 'name', type: 'text', watchlist: 'watchlist' };
/** The keys that a condition can name, by what the filter is about. */
const TOPIC_KEYS: Readonly<Record<FilterTopic, ReadonlyMap<string, Kind>>> = {
  fact: new Map([...Object.entries(FACT_FIELDS), ...fieldsOf('head', 'tail', 'either', 'both')]),
  entity: new Map(fieldsOf('entity')),
  merge: new Map(fieldsOf('entity', 'into')),
  pair: new Map(fieldsOf('either', 'both')),
};
const ALL_KEYS: ReadonlyMap<string, Kind> = new Map([...TOPIC_KEYS.fact, ...TOPIC_KEYS.merge]);

const OPERATORS: Readonly<Record<Kind, readonly FilterOperator[]>> = {
  text: ['eq', 'not_eq', 'starts_with'],
  relation: ['eq', 'not_eq', 'starts_with'],
  name: ['eq', 'not_eq', 'starts_with', 'contains'],
  number: ['eq', 'not_eq', 'gt', 'gte', 'lt', 'lte', 'within'],
  time: ['gt', 'gte', 'lt', 'lte', 'within'],
  watchlist: ['eq', 'not_eq'],
};

/** Operators whose outcome with several values would be that of one of them. */
const ONE_VALUE: ReadonlySet<FilterOperator> = new Set(['gt', 'gte', 'lt', 'lte']);

/**
 * What is wrong with a condition and in which part of it; undefined when it can be judged.
 *
 * @param topic what the filter is about; with `any` the key may be of any topic: see `strangeKeys`
 */
export function conditionFault(
  condition: FilterCondition,
  topic: FilterTopic | 'any' = 'fact',
): { part: 'key' | 'operator' | 'values'; message: string } | undefined {
  const { key, operator, values } = condition;
  const keys = topic === 'any' ? ALL_KEYS : TOPIC_KEYS[topic];
  const kind = keys.get(key);
  if (!kind)
    return { part: 'key', message: `there is no field "${key}"; expected one of ${[...keys.keys()].join(', ')}` };
  if (!OPERATORS[kind].includes(operator))
    return {
      part: 'operator',
      message: `"${key}" is not compared by ${operator}; expected one of ${OPERATORS[kind].join(', ')}`,
    };
  if (ONE_VALUE.has(operator) && values.length !== 1) return { part: 'values', message: `${operator} takes one value` };
  if (operator === 'within' && values.length !== 2)
    return { part: 'values', message: 'within takes two values, from and to' };
  const wrong = values.find((value) => !fits(kind, value));
  if (wrong === undefined) return undefined;
  const expected = kind === 'number' ? 'a number' : kind === 'time' ? 'a time such as 2026-05-15T08:00:00Z' : 'a text';
  return { part: 'values', message: `${JSON.stringify(wrong)} is no value for "${key}"; expected ${expected}` };
}

/** Where a filter names fields that what it is about does not have, and what is wrong there. */
export function strangeKeys(
  { filters, filterGroups }: FilterGroup,
  topic: FilterTopic,
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const keys = TOPIC_KEYS[topic];
  const own = filters.flatMap(({ key }, index) => {
    const message = `"${key}" is no field of what this rule is about; expected one of ${[...keys.keys()].join(', ')}`;
    return keys.has(key) ? [] : [{ path: ['filters', index, 'key'], message }];
  });
  const inner = filterGroups.flatMap((group, index) =>
    strangeKeys(group, topic).map(({ path, message }) => ({ path: ['filterGroups', index, ...path], message })),
  );
  return [...own, ...inner];
}

/**
 * Entities among which are all that a filter about entities can hold for, or one of every pair; undefined where that can be
 * anybody, because no condition names them with `eq`.
 */
export function membersOf({ mode, filters, filterGroups }: FilterGroup, watchlists: Watchlists): Members | undefined {
  const parts = [
    ...filters.map((condition) => membersNamed(condition, watchlists)),
    ...filterGroups.map((group) => membersOf(group, watchlists)),
  ];
  const known = parts.filter((part) => part !== undefined);
  if (mode === 'or') return known.length === parts.length && parts.length > 0 ? together(known) : undefined;
  return known.sort((a, b) => a.ids.length + a.names.length - (b.ids.length + b.names.length))[0];
}

function membersNamed({ key, operator, values, mode }: FilterCondition, watchlists: Watchlists): Members | undefined {
  if (operator !== 'eq') return undefined;
  const texts = values.map(String);
  const field = /^(?:entity|either|both)\.(\w+)$/.exec(key)?.[1];
  if (field === 'id') return { ids: texts, names: [] };
  if (field === 'name') return { ids: [], names: texts };
  if (field !== 'watchlist') return undefined;
  const lists = texts.map((name) => watchlists.get(name)?.members).filter((list) => list !== undefined);
  // Where all of several lists have to name one, any of them says enough.
  return lists.length === texts.length || (mode === 'and' && lists.length > 0) ? together(lists) : undefined;
}

function together(parts: readonly Members[]): Members {
  return { ids: parts.flatMap(({ ids }) => ids), names: parts.flatMap(({ names }) => names) };
}

function fits(kind: Kind, value: string | number): boolean {
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (kind === 'time') return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  return typeof value === 'string' && value !== '';
}

/** True when a filter asks for a number that grows with the evidence, so that a fact can come to fit it later. */
export function hasGate({ filters, filterGroups }: FilterGroup): boolean {
  return filters.some(({ key }) => ALL_KEYS.get(key) === 'number') || filterGroups.some(hasGate);
}

/** The watchlists that a filter names. */
export function watchlistsOf({ filters, filterGroups }: FilterGroup): readonly string[] {
  const own = filters
    .filter(({ key }) => ALL_KEYS.get(key) === 'watchlist')
    .flatMap(({ values }) => values.map(String));
  return [...own, ...filterGroups.flatMap(watchlistsOf)];
}

/** Makes a filter ready. Its conditions must be without faults; a watchlist that is not there names nobody. */
export function compileFilter(group: FilterGroup, watchlists: Watchlists = new Map()): CompiledFilter {
  const parts = [
    ...group.filters.map((condition) => compileCondition(condition, watchlists)),
    ...group.filterGroups.map((inner) => compileFilter(inner, watchlists)),
  ];
  const isAll = group.mode === 'and' || parts.length === 0;
  const holds = (subject: FilterSubject) =>
    isAll ? parts.every((part) => part.holds(subject)) : parts.some((part) => part.holds(subject));
  return {
    holds,
    explain(subject) {
      const findings = parts.map((part) => part.explain(subject));
      const isHeld = holds(subject);
      const met = findings.reduce((sum, finding) => sum + finding.met, 0);
      return { holds: isHeld, met, misses: isHeld ? [] : findings.flatMap((finding) => finding.misses) };
    },
  };
}

function compileCondition(condition: FilterCondition, watchlists: Watchlists): CompiledFilter {
  const { key, operator, values } = condition;
  const kind = ALL_KEYS.get(key) as Kind;
  const [side, field] = /^(head|tail|either|both|entity|into)\.(\w+)$/.exec(key)?.slice(1) ?? [undefined, key];
  const compare = comparison(kind, condition, watchlists);
  const holds = (subject: FilterSubject): boolean => {
    const found = side ? endsOf(subject, side) : [subject];
    const fit = (of: FilterSubject | FilterEnd) => compare(kind === 'watchlist' ? of : valueOf(of, field as string));
    return side === 'either' ? found.some(fit) : found.every(fit);
  };
  return {
    holds,
    explain(subject) {
      if (holds(subject)) return { holds: true, met: 1, misses: [] };
      const found = side
        ? endsOf(subject, side)
            .map((end) => `"${kind === 'watchlist' ? end.name : valueOf(end, field as string)}"`)
            .join(' and ')
        : describe(kind, valueOf(subject, field as string));
      return { holds: false, met: 0, misses: [`${key} is ${found}, not ${operator} ${values.join(', ')}`] };
    },
  };
}

function describe(kind: Kind, value: unknown): string {
  if (kind === 'number') return String(Math.round(Number(value) * 1e4) / 1e4);
  return kind === 'time' ? new Date(Number(value)).toISOString() : String(value);
}

function endsOf(subject: FilterSubject, side: string): readonly FilterEnd[] {
  if ('entity' in subject) {
    const { entity, other } = subject;
    return [...(side === 'into' ? [] : [entity]), ...(side !== 'entity' && other ? [other] : [])];
  }
  const { fact, headName, headType, tailName, tailType } = subject;
  const head = { id: fact.headId, name: headName, type: headType };
  const tail = { id: fact.tailId, name: tailName, type: tailType };
  return side === 'head' ? [head] : side === 'tail' ? [tail] : [head, tail];
}

function fieldsOf(...sides: readonly string[]): readonly (readonly [string, Kind])[] {
  return sides.flatMap((side) =>
    Object.entries(END_FIELDS).map(([field, kind]) => [`${side}.${field}`, kind] as const),
  );
}

function valueOf(of: FilterSubject | FilterEnd, field: string): unknown {
  if ('entity' in of) return undefined;
  if (!('fact' in of)) return of[field as keyof FilterEnd];
  const { fact } = of;
  if (field === 'relation.type') return fact.type;
  if (field === 'firstSeen') return fact.firstSeenMs;
  return field === 'lastSeen' ? fact.lastSeenMs : fact[field as 'id' | keyof FactNumbers];
}

/** Judges a found value against all values of a condition, which are read once. */
function comparison(kind: Kind, condition: FilterCondition, watchlists: Watchlists): (found: unknown) => boolean {
  const { operator, values } = condition;
  const mode = condition.mode ?? (operator === 'not_eq' ? 'and' : 'or');
  if (kind === 'watchlist') {
    const wanted = operator === 'eq';
    const judges = values.map((name) => watchlists.get(String(name)) ?? (() => false));
    const on = (found: unknown) => (judge: (end: FilterEnd) => boolean) => judge(found as FilterEnd) === wanted;
    return (found) => (mode === 'or' ? judges.some(on(found)) : judges.every(on(found)));
  }
  const expected = values.map((value) => comparable(kind, value));
  if (operator === 'within') {
    const [from = 0, to = 0] = expected as readonly number[];
    return (found) => Number(found) >= from && Number(found) <= to;
  }
  const test = TESTS[operator];
  return (found) => {
    const value = comparable(kind, found);
    return mode === 'or' ? expected.some((one) => test(value, one)) : expected.every((one) => test(value, one));
  };
}

const TESTS: Readonly<Record<Exclude<FilterOperator, 'within'>, (found: never, expected: never) => boolean>> = {
  eq: (found, expected) => found === expected,
  not_eq: (found, expected) => found !== expected,
  gt: (found, expected) => found > expected,
  gte: (found, expected) => found >= expected,
  lt: (found, expected) => found < expected,
  lte: (found, expected) => found <= expected,
  starts_with: (found: string, expected: string) => found.startsWith(expected),
  contains: (found: string, expected: string) => found.includes(expected),
};

/** A value in the form in which equal ones are equal: names without case, relations also as `PER_ORG_MEMBER_OF`. */
function comparable(kind: Kind, value: unknown): never {
  if (kind === 'number') return value as never;
  if (kind === 'time') return (typeof value === 'number' ? value : Date.parse(String(value))) as never;
  if (kind === 'relation') return relationKey(String(value)) as never;
  if (kind === 'name') return String(value).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim() as never;
  return value as never;
}

function relationKey(type: string): string {
  return type
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_/, '');
}

/** True when two names of relation types are one in filters: `/per/org/member_of` and `PER_ORG_MEMBER_OF`. */
export function isSameRelation(a: string, b: string): boolean {
  return relationKey(a) === relationKey(b);
}
