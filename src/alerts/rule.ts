import { z } from 'zod';
import {
  type CompiledFilter,
  compileFilter,
  conditionFault,
  FILTER_OPERATORS,
  type FilterGroup,
  hasGate,
  watchlistsOf,
} from '../domain/filter.ts';
import { type AlertChannel, channel } from './channel.ts';
import { compileWatchlist, entryFault } from './watchlist.ts';

/** What an alert rule waits for. */
export type AlertTrigger = 'fact.created' | 'fact.threshold' | 'fact.retracted';

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
}

/** All that a file of rules says. */
export interface AlertRules {
  readonly rules: readonly AlertRule[];
  readonly channels: ReadonlyMap<string, AlertChannel>;
}

/** What is wrong with rules, and where: the path from the top. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const MAX_RULES = 10_000;
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
    const fault = conditionFault(value);
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

const rule = z
  .strictObject({
    name,
    when: z.enum(['fact.created', 'fact.threshold', 'fact.retracted']),
    filter: groupOf(MAX_DEPTH).default({ mode: 'and', filters: [], filterGroups: [] }),
    channels: z.array(name).max(20).default([]),
  })
  .superRefine(({ when, filter }, context) => {
    if (when !== 'fact.threshold' || hasGate(filter)) return;
    const message = 'fact.threshold needs a filter on a number that grows, such as confidence or sourceCount';
    context.addIssue({ code: 'custom', path: ['when'], message });
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
    for (const [index, { name, filter, channels: sentTo }] of rules.entries()) {
      const problem = (part: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['rules', index, part], message });
      if (seen.has(name)) problem('name', `there are two rules "${name}"; a name is a rule's identity`);
      seen.add(name);
      for (const channel of sentTo) {
        if (!Object.hasOwn(channels, channel)) problem('channels', `there is no channel "${channel}"`);
      }
      for (const list of watchlistsOf(filter)) {
        if (!Object.hasOwn(watchlists, list)) problem('filter', `there is no watchlist "${list}"`);
      }
    }
  });

/** Reads rules from plain data, whether it came from a file or from the API; gives the rules or all problems. */
export function readRules(data: unknown): AlertRules | { readonly problems: readonly RuleProblem[] } {
  const parsed = ruleSet.safeParse(data);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap(problemsOf) };
  const lists = Object.entries(parsed.data.watchlists).map(
    ([list, entries]) => [list, compileWatchlist(entries)] as const,
  );
  const watchlists = new Map(lists);
  const rules = parsed.data.rules.map(({ name, when, filter, channels: sentTo }) => ({
    name,
    when,
    channels: [...new Set(sentTo)],
    filter: compileFilter(filter, watchlists),
    hasGate: hasGate(filter),
  }));
  return { rules, channels: new Map(Object.entries(parsed.data.channels)) };
}

/** An unknown key is told where it stands, not where its object does. */
function problemsOf(issue: z.core.$ZodIssue): readonly RuleProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: `there is no "${key}" here` }));
}
