import { z } from 'zod';
import {
  type CompiledFilter,
  compileFilter,
  conditionFault,
  FILTER_OPERATORS,
  type FilterGroup,
  hasGate,
  type Members,
  membersOf,
  type Watchlists,
} from '../domain/filter.ts';
import { type ActiveHours, isTimeZone, parseDays, parseHours } from './active-hours.ts';
import { type AlertChannel, channel } from './channel.ts';
import { durationUpTo } from './rule-duration.ts';
import type { SpikeTest } from './spike.ts';
import { spikeSettings } from './spike-settings.ts';
import { defaultTemplate } from './template.ts';
import { hearsMentions, isSpike, misfits, RULE_PARTS, TRIGGERS, topicOf } from './triggers.ts';
import { compileWatchlist, entryFault } from './watchlist.ts';

/** What an alert rule waits for. */
export type AlertTrigger = (typeof TRIGGERS)[number];

/** A rule that is ready to judge events. */
export interface AlertRule {
  /** Also its identity: a rule with another name is another rule. */
  readonly name: string;
  readonly when: AlertTrigger;
  readonly filter: CompiledFilter;
  /** A fact can come to fit the filter after it was created. */
  readonly hasGate: boolean;
  /** Names of the channels it is sent to. */
  readonly channels: readonly string[];
  readonly severity: (typeof SEVERITIES)[number];
  readonly template: string;
  /** How long a fact waits before it is told, so that evidence can gather or be taken back. */
  readonly settleMs: number;
  /** Tells only what it has not seen for a time; null is for ever. */
  readonly novelty?: { readonly of: 'link' | 'pair' | 'entity'; readonly windowMs: number | null } | undefined;
  /** Tells several facts, or entities, in one alert. */
  readonly group?:
    | { readonly by: readonly RulePart[]; readonly waitMs: number; readonly intervalMs: number }
    | undefined;
  /** How often it may send. */
  readonly throttle?:
    | { readonly per: readonly RulePart[]; readonly everyMs: number; readonly maxPerHour: number }
    | undefined;
  readonly active?: ActiveHours | undefined;
  /** Of a rule about spikes: how they are found. */
  readonly spike?: SpikeTest | undefined;
  /** Of a rule that hears of mentions: entities among which are all that it can fire at, or one of every pair. */
  readonly members?: Members | undefined;
  /** The rule as it was written, plain data. */
  readonly definition: unknown;
}

/** What facts, or entities, of one group or throttle have in common. */
export type RulePart = (typeof RULE_PARTS)[number];

/** All that a file of rules says. */
export interface AlertRules {
  readonly rules: readonly AlertRule[];
  readonly channels: ReadonlyMap<string, AlertChannel>;
  readonly watchlists: Watchlists;
}

/** What rules name by its name. */
export type RuleSurroundings = Pick<AlertRules, 'channels' | 'watchlists'>;

/** What is wrong with rules, and where: the path from the top. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const SEVERITIES = ['info', 'warning', 'critical'] as const;
/** Rules at most. */
export const MAX_RULES = 10_000;
const DAY_MS = 86_400_000;
const MAX_DEPTH = 16;
const name = z.string().min(1).max(100);

const condition = z
  .strictObject({
    key: z.string(),
    operator: z.enum(FILTER_OPERATORS),
    values: z
      .array(z.union([z.string().max(500), z.number()]))
      .min(1)
      .max(1000),
    mode: z.enum(['and', 'or']).optional(),
  })
  .superRefine((value, context) => {
    const fault = conditionFault(value, 'any');
    if (fault) context.addIssue({ code: 'custom', path: [fault.part], message: fault.message });
  });

/** A group that may hold others down to a depth: hostile rules must not exhaust the stack. */
function groupOf(depth: number): z.ZodType<FilterGroup> {
  const filters = z.array(condition).max(100).default([]);
  const inner =
    depth > 1 ? z.lazy(() => groupOf(depth - 1)) : z.never({ error: `groups nest deeper than ${MAX_DEPTH}` });
  return z.strictObject({
    mode: z.enum(['and', 'or']).default('and'),
    filters,
    filterGroups: z.array(inner).max(20).default([]),
  });
}

const parts = z.array(z.enum(RULE_PARTS)).min(1).max(RULE_PARTS.length);

const active = z
  .strictObject({
    days: z.array(z.string()).min(1).default(['sun-sat']),
    hours: z.string().default('00:00-24:00'),
    tz: z.string().refine(isTimeZone, { error: 'this time zone is not known; expected one such as Europe/Zurich' }),
  })
  .transform(({ days: words, hours: text, tz }, context) => {
    const [days, hours] = [parseDays(words), parseHours(text)];
    const problem = (part: string, expected: string) =>
      context.addIssue({ code: 'custom', path: [part], message: `expected ${expected}` });
    if (!days) problem('days', 'days such as mon or mon-fri');
    if (!hours) problem('hours', 'hours such as "08:00-20:00"');
    return days && hours ? { days, ...hours, timeZone: tz } : z.NEVER;
  });

/** How a rule holds back what it would tell. */
const restraint = {
  settle: durationUpTo(DAY_MS).default(0),
  novelty: z
    .strictObject({
      of: z.enum(['link', 'pair', 'entity']),
      window: z.union([z.literal('forever').transform(() => null), durationUpTo(3650 * DAY_MS)]),
    })
    .optional(),
  group: z
    .strictObject({
      by: parts.default(['rule']),
      wait: durationUpTo(DAY_MS).default(30_000),
      interval: durationUpTo(DAY_MS).default(300_000),
    })
    .optional(),
  throttle: z
    .strictObject({
      per: parts.default(['rule']),
      every: durationUpTo(30 * DAY_MS).default(0),
      maxPerHour: z.int().min(1).default(Number.MAX_SAFE_INTEGER),
    })
    .optional(),
  active: active.optional(),
};

const rule = z
  .strictObject({
    name,
    when: z.enum(TRIGGERS),
    filter: groupOf(MAX_DEPTH).default({ mode: 'and', filters: [], filterGroups: [] }),
    channels: z.array(name).max(20).default([]),
    severity: z.enum(SEVERITIES).default('warning'),
    template: z.string().min(1).max(500).optional(),
    spike: spikeSettings.optional(),
    ...restraint,
  })
  .superRefine((parsed, context) => {
    for (const problem of misfits(parsed)) context.addIssue({ code: 'custom', ...problem });
  });

const entry = z
  .string()
  .min(1)
  .max(300)
  .superRefine((text, context) => {
    const message = entryFault(text);
    if (message) context.addIssue({ code: 'custom', message });
  });

const ruleSet = z
  .strictObject({
    watchlists: z.record(name, z.array(entry).max(10_000)).default({}),
    channels: z.record(name, channel).default({}),
    rules: z.array(rule).max(MAX_RULES),
  })
  .superRefine(({ watchlists, channels, rules }, context) => {
    const seen = new Set<string>();
    const known = { channels: new Set(Object.keys(channels)), watchlists: new Set(Object.keys(watchlists)) };
    for (const [index, rule] of rules.entries()) {
      for (const { path, message } of strangersOf(rule, known)) {
        context.addIssue({ code: 'custom', path: ['rules', index, ...path], message });
      }
      const message = `there are two rules "${rule.name}"; a name is a rule's identity`;
      if (seen.has(rule.name)) context.addIssue({ code: 'custom', path: ['rules', index, 'name'], message });
      seen.add(rule.name);
    }
  });

/** What a rule names that there is not, each where it is named. */
function strangersOf(
  { filter, channels }: Pick<z.infer<typeof rule>, 'filter' | 'channels'>,
  known: { readonly channels: Names; readonly watchlists: Names },
): readonly RuleProblem[] {
  const strangers = channels.flatMap((one, index) =>
    known.channels.has(one) ? [] : [{ path: ['channels', index], message: `there is no channel "${one}"` }],
  );
  return [...strangers, ...strangeLists(filter, known.watchlists, ['filter'])];
}

function strangeLists(group: FilterGroup, known: Names, path: RuleProblem['path']): readonly RuleProblem[] {
  const own = group.filters.flatMap(({ key, values }, index) =>
    values.flatMap((value, place) => {
      if (!key.endsWith('.watchlist') || known.has(String(value))) return [];
      return [{ path: [...path, 'filters', index, 'values', place], message: `there is no watchlist "${value}"` }];
    }),
  );
  const inner = group.filterGroups.flatMap((one, index) => strangeLists(one, known, [...path, 'filterGroups', index]));
  return [...own, ...inner];
}

/** A rule about mentions says of whom: what is told of everybody would be a log of all posts. */
function unboundedIn(
  { when, filter }: Pick<z.infer<typeof rule>, 'when' | 'filter'>,
  watchlists: Watchlists,
  path: RuleProblem['path'],
): readonly RuleProblem[] {
  if (!hearsMentions(when) || membersOf(filter, watchlists)) return [];
  const side = topicOf(when) === 'pair' ? 'either' : 'entity';
  const keys = `${side}.id, ${side}.name or ${side}.watchlist with eq, and a watchlist without expressions`;
  return [{ path: [...path, 'when'], message: `${when} needs a filter that names its entities: ${keys}` }];
}

type Names = Pick<ReadonlySet<string>, 'has'>;

/** Reads rules from plain data; gives the rules or all problems. */
export function readRules(data: unknown): AlertRules | { readonly problems: readonly RuleProblem[] } {
  const parsed = ruleSet.safeParse(data);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap(problemsOf) };
  const lists = Object.entries(parsed.data.watchlists).map(
    ([list, entries]) => [list, compileWatchlist(entries)] as const,
  );
  const watchlists = new Map(lists);
  const unbounded = parsed.data.rules.flatMap((one, index) => unboundedIn(one, watchlists, ['rules', index]));
  if (unbounded.length > 0) return { problems: unbounded };
  const definitions = (data as { readonly rules: readonly unknown[] }).rules;
  const rules = parsed.data.rules.map((one, index) => compileRule(one, definitions[index], watchlists));
  return { rules, channels: new Map(Object.entries(parsed.data.channels)), watchlists };
}

/** Reads one rule from plain data, checked as in a file; gives the rule or all problems. */
export function readRule(
  data: unknown,
  surroundings: RuleSurroundings,
): AlertRule | { readonly problems: readonly RuleProblem[] } {
  const parsed = rule.safeParse(data);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap(problemsOf) };
  const { watchlists } = surroundings;
  const problems = [...strangersOf(parsed.data, surroundings), ...unboundedIn(parsed.data, watchlists, [])];
  return problems.length > 0 ? { problems } : compileRule(parsed.data, data, watchlists);
}

function compileRule(parsed: z.infer<typeof rule>, definition: unknown, watchlists: Watchlists): AlertRule {
  const { filter, channels, settle, novelty, group, throttle, ...rest } = parsed;
  return {
    ...rest,
    template: rest.template ?? defaultTemplate(rest.when),
    spike: isSpike(rest.when) ? (rest.spike ?? spikeSettings.parse({})) : undefined,
    members: hearsMentions(rest.when) ? membersOf(filter, watchlists) : undefined,
    definition,
    channels: [...new Set(channels)],
    filter: compileFilter(filter, watchlists),
    hasGate: hasGate(filter),
    settleMs: settle,
    novelty: novelty && { of: novelty.of, windowMs: novelty.window },
    group: group && { by: group.by, waitMs: group.wait, intervalMs: group.interval },
    throttle: throttle && { per: throttle.per, everyMs: throttle.every, maxPerHour: throttle.maxPerHour },
  };
}

/** An unknown key is told where it stands, not where its object does. */
function problemsOf(issue: z.core.$ZodIssue): readonly RuleProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: `there is no "${key}" here` }));
}
