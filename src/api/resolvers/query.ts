import type { GraphQLResolveInfo } from 'graphql';
import type { Entity } from '../../domain/graph.ts';
import { GrapevineError } from '../../errors.ts';
import { listActiveEntities } from '../../graph/explore/list-active-entities.ts';
import type { EntityQuery, GraphReader, Page } from '../../graph/graph-reader.ts';
import { MAX_PAGE } from '../../graph/page.ts';
import { searchWords } from '../../graph/resolve/search-terms.ts';
import { connection, type PageArgs, pageRequest } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { pageOfDecisions } from '../decision-page.ts';
import { encodeEventCursor } from '../event-cursor.ts';
import { type FactListArgs, factConnection, wantedFacts } from '../fact-args.ts';
import { timeArg } from '../iso-time.ts';
import { alertQueries } from './alerts/alert.ts';
import { alertRuleQueries } from './alerts/alert-rule.ts';
import { silenceQueries } from './alerts/silence.ts';
import { testAlertRule } from './alerts/test-alert-rule.ts';
import { loadNode } from './node.ts';
import { path } from './path.ts';
import { subgraph } from './subgraph.ts';
import { trending } from './trending.ts';

interface EntityArgs {
  readonly id?: string | null;
  readonly name?: string | null;
  readonly type?: string | null;
}

interface EntitiesArgs extends PageArgs {
  readonly orderBy?: 'NAME' | 'ACTIVITY' | 'MENTIONS' | null;
  readonly query?: string | null;
  readonly type?: string | null;
}

interface FactsArgs extends FactListArgs {
  readonly entity?: string | null;
  readonly asOf?: string | null;
}

/** Resolvers of the fields queries start from. */
export const queryResolvers = {
  node: (_: unknown, args: { id: string }, { loaders }: ApiContext) => loadNode(args.id, loaders),

  nodes(_: unknown, { ids }: { ids: readonly string[] }, { loaders }: ApiContext) {
    if (ids.length >= 1 && ids.length <= MAX_PAGE) return ids.map((id) => loadNode(id, loaders));
    throw new GrapevineError('BAD_REQUEST', `reading nodes: got ${ids.length} ids; give 1 to ${MAX_PAGE}.`);
  },

  async entity(_: unknown, { id, name, type }: EntityArgs, { reader, loaders }: ApiContext) {
    if ((id == null) === (name == null)) {
      throw new GrapevineError('BAD_REQUEST', 'reading an entity: give either "id" or "name".');
    }
    if (name != null) return reader.entityByName(name, type ?? undefined);
    const entity = await loaders.entities.load(id ?? '');
    return type == null || entity?.type === type ? entity : undefined;
  },

  async entities(_: unknown, args: EntitiesArgs, { reader }: ApiContext) {
    const query = { ...(args.type != null && { type: args.type }), ...(args.query != null && { search: args.query }) };
    return connection(await entityPage(args, query, reader), args, () => reader.countEntities(query));
  },

  async facts(_: unknown, args: FactsArgs, context: ApiContext, info: GraphQLResolveInfo) {
    const asOfMs = timeArg('asOf', args.asOf);
    const wanted = await wantedFacts(args, context, args.entity == null ? {} : { entityId: args.entity });
    const query = { ...wanted.query, ...(asOfMs !== undefined && { asOfMs }) };
    return factConnection({ ...wanted, query }, args, context, info);
  },

  subgraph,

  path,

  trending,

  async posts(_: unknown, args: PageArgs, { reader }: ApiContext) {
    return connection(await reader.posts(pageRequest(args)), args);
  },

  async decisions(_: unknown, args: PageArgs, { loaders }: ApiContext) {
    const { decisions } = await loaders.decisionLog();
    return connection(pageOfDecisions(decisions, pageRequest(args)), args, async () => decisions.length);
  },

  types: (_: unknown, __: unknown, { reader }: ApiContext) => reader.types(),

  async stats(_: unknown, __: unknown, { reader, alerting }: ApiContext) {
    const [position, place] = await Promise.all([reader.lastPosition(), alerting.log.lastAlertPlace()]);
    const cursors = { eventCursor: encodeEventCursor(position), alertCursor: encodeEventCursor(place, 'alert') };
    return { ...(await reader.stats()), ...cursors };
  },

  ...alertRuleQueries,

  ...alertQueries,

  ...silenceQueries,

  testAlertRule,
};

/** Each order is there where it can be had without looking at everything. */
function entityPage(args: EntitiesArgs, query: EntityQuery, reader: GraphReader): Promise<Page<Entity>> {
  const { orderBy } = args;
  const isSearch = searchWords(query.search ?? '').length > 0;
  if (orderBy === 'ACTIVITY' && isSearch) throw bad('by activity all are listed, without "query".');
  if (orderBy === 'MENTIONS' && !isSearch) throw bad('by mentions what a "query" finds is listed; give one.');
  if (orderBy === 'ACTIVITY') return listActiveEntities(reader, query, pageRequest(args));
  return reader.entities({ ...query, ...(orderBy != null && { orderBy }) }, pageRequest(args));
}

function bad(problem: string): GrapevineError {
  return new GrapevineError('BAD_REQUEST', `listing entities: ${problem}`);
}
