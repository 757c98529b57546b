import type { GraphQLResolveInfo } from 'graphql';
import {
  conditionFault,
  type FilterCondition,
  type FilterGroup,
  type Watchlists,
  watchlistsOf,
} from '../domain/filter.ts';
import type { Fact } from '../domain/graph.ts';
import { GrapevineError } from '../errors.ts';
import { FactFilter } from '../graph/explore/fact-filter.ts';
import { countListed, listFacts } from '../graph/explore/list-facts.ts';
import { listRestatedFacts } from '../graph/explore/list-restated-facts.ts';
import { type Narrowed, narrow } from '../graph/explore/narrow.ts';
import type { FactConditions, FactOrder } from '../graph/fact-look.ts';
import type { FactQuery } from '../graph/graph-reader.ts';
import { asksForCountAlone, confidenceBound, connection, type PageArgs, pageRequest, UNREAD } from './connections.ts';
import type { ApiContext } from './context.ts';

/** Bounds of a filter, as rules of alerts have them. */
const MAX_DEPTH = 16;
const MAX_CONDITIONS = 100;
const MAX_VALUES = 1000;
const MAX_TEXT = 500;

/** A filter as the client gave it. */
export interface FilterArg {
  readonly mode?: 'and' | 'or' | null;
  readonly filters?: readonly ConditionArg[] | null;
  readonly filterGroups?: readonly FilterArg[] | null;
}

type ConditionArg = Omit<FilterCondition, 'mode'> & { readonly mode?: 'and' | 'or' | null };

/** The arguments by which clients say which facts they mean. */
export interface FactArgs {
  readonly type?: string | null;
  readonly minConfidence?: number | null;
  readonly filter?: FilterArg | null;
}

/** The arguments of a list of facts. */
export interface FactListArgs extends PageArgs, FactArgs {
  readonly orderBy?: 'NEWEST' | FactOrder | null;
}

/** Which facts are meant. */
export interface WantedFacts {
  /** What the graph looks for. */
  readonly query: Narrowed;
  /** What is left to judge of what it finds; undefined when nothing is. */
  readonly filter: FactFilter | undefined;
}

/** What the facts are read with. */
type Source = Pick<ApiContext, 'reader' | 'watchlists'>;

/** Which facts arguments mean. `start` is what is given besides. @throws {BAD_REQUEST} when they are wrong. */
export async function wantedFacts(
  args: FactArgs,
  { reader, watchlists }: Source,
  start: Narrowed = {},
): Promise<WantedFacts> {
  const minConfidence = confidenceBound(args.minConfidence);
  const query: Narrowed = {
    ...start,
    ...(args.type != null && { type: args.type }),
    ...(minConfidence !== undefined && { minConfidence }),
  };
  if (args.filter == null) return { query, filter: undefined };
  const group = filterGroup(args.filter, watchlists);
  const relations = asksForRelation(group) ? (await reader.types()).relations : [];
  const narrowed = narrow(query, group, relations);
  return { query: narrowed.query, filter: narrowed.isWhole ? undefined : new FactFilter(reader, group, watchlists) };
}

/** The same where facts are found from entities: an entity that the filter names is no place to start from. */
export async function wantedConditions(
  args: FactArgs,
  source: Source,
): Promise<{ readonly conditions: FactConditions; readonly filter: FactFilter | undefined }> {
  const { query, filter } = await wantedFacts(args, source, { entityId: '' });
  const { entityId: _, direction: _direction, ...conditions } = query;
  return { conditions, filter };
}

/** A list of the facts that are meant. */
export async function factConnection(
  { query, filter }: { readonly query: FactQuery; readonly filter: FactFilter | undefined },
  args: FactListArgs,
  { reader, loaders }: Pick<ApiContext, 'reader' | 'loaders'>,
  info: GraphQLResolveInfo,
) {
  const page = pageRequest(args);
  const orderBy = args.orderBy ?? 'NEWEST';
  if (orderBy !== 'NEWEST' && query.asOfMs !== undefined) {
    throw new GrapevineError('BAD_REQUEST', 'listing facts: those of an earlier time are listed newest first only.');
  }
  const count = () => (filter ? countListed(reader, query, filter) : loaders.factCounts.load(query));
  if (args.after == null && asksForCountAlone(info)) return connection<Fact>(UNREAD, args, count);
  // What posts of the whole graph state anew is found from its posts; an entity has too few among them.
  if (orderBy === 'LAST_SEEN' && query.entityId === undefined)
    return connection(await listRestatedFacts(reader, query, page, filter), args, count);
  const ordered = { ...query, orderBy };
  const found = filter ? listFacts(reader, ordered, page, filter) : reader.facts(ordered, page);
  return connection(await found, args, count);
}

/** A filter that can be judged. @throws {BAD_REQUEST} naming what is wrong with it and where. */
export function filterGroup(arg: FilterArg, watchlists: Watchlists | undefined): FilterGroup {
  const left = { conditions: MAX_CONDITIONS };
  const group = groupAt(arg, 'filter', 1, left);
  const list = watchlistsOf(group).find((name) => !watchlists?.has(name));
  if (list === undefined) return group;
  const known = watchlists ? `those of the alert rules are ${[...watchlists.keys()].join(', ') || 'none'}` : NO_RULES;
  throw bad('filter', `there is no watchlist "${list}"; ${known}`);
}

const NO_RULES = 'they come from the alert rules, and this server has none (ALERT_RULES)';

function groupAt(arg: FilterArg, place: string, depth: number, left: { conditions: number }): FilterGroup {
  if (depth > MAX_DEPTH) throw bad(place, `groups nest deeper than ${MAX_DEPTH}`);
  const filters = (arg.filters ?? []).map((condition, index) => {
    left.conditions -= 1;
    if (left.conditions < 0) throw bad('filter', `it has more than ${MAX_CONDITIONS} conditions`);
    return conditionAt(condition, `${place}.filters.${index}`);
  });
  const filterGroups = (arg.filterGroups ?? []).map((inner, index) => {
    left.conditions -= 1;
    if (left.conditions < 0) throw bad('filter', `it has more than ${MAX_CONDITIONS} conditions and groups`);
    return groupAt(inner, `${place}.filterGroups.${index}`, depth + 1, left);
  });
  return { mode: arg.mode ?? 'and', filters, filterGroups };
}

function conditionAt({ key, operator, values, mode }: ConditionArg, place: string): FilterCondition {
  const condition = { key, operator, values, mode: mode ?? undefined };
  if (values.length === 0 || values.length > MAX_VALUES) {
    throw bad(`${place}.values`, `it has ${values.length} values; give 1 to ${MAX_VALUES}`);
  }
  if (values.some((value) => typeof value === 'string' && value.length > MAX_TEXT)) {
    throw bad(`${place}.values`, `a value is longer than ${MAX_TEXT} characters`);
  }
  const fault = conditionFault(condition);
  if (fault) throw bad(`${place}.${fault.part}`, fault.message);
  return condition;
}

function asksForRelation({ filters, filterGroups }: FilterGroup): boolean {
  return filters.some(({ key }) => key === 'relation.type') || filterGroups.some(asksForRelation);
}

function bad(place: string, problem: string): GrapevineError {
  return new GrapevineError('BAD_REQUEST', `reading a filter: at ${place}: ${problem}.`);
}
