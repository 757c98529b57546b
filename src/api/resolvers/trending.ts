import type { Trend, Trends } from '../../graph/activity.ts';
import { pageSize } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { isoTime, spanArg, timeArg } from '../iso-time.ts';

const DEFAULT_WINDOW = '24h';
const DEFAULT_FIRST = 10;
const BOUNDS = { min: '1m', max: '365d' };

interface TrendingArgs {
  readonly window?: string | null;
  readonly until?: string | null;
  readonly first?: number | null;
  readonly type?: string | null;
}

/** `Query.trending`. */
export async function trending(
  _: unknown,
  args: TrendingArgs,
  { reader }: ApiContext,
): Promise<Trends & { readonly untilMs: number }> {
  const windowMs = spanArg('window', args.window ?? DEFAULT_WINDOW, BOUNDS);
  const untilMs = timeArg('until', args.until) ?? Date.now();
  const first = pageSize(args.first ?? DEFAULT_FIRST);
  const found = await reader.trends({ windowMs, untilMs, first, ...(args.type != null && { type: args.type }) });
  return { ...found, untilMs };
}

/** Resolvers of what is found. */
export const trendingResolvers = {
  since: ({ sinceMs }: Trends) => isoTime(sinceMs),
  until: ({ untilMs }: { untilMs: number }) => isoTime(untilMs),
  // What was deleted while the answer was made is left out.
  async entities({ entities }: Trends, _: unknown, { loaders }: ApiContext) {
    const found = await Promise.all(entities.map(({ entityId }) => loaders.entities.load(entityId)));
    return entities.flatMap((trend, index) => (found[index] ? [{ ...trend, entity: found[index] }] : []));
  },
};

/** Resolvers of one of them. */
export const trendingEntityResolvers = {
  mentionsBefore: ({ before }: Trend) => before,
};
