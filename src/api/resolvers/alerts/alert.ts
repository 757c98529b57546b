import { eventsOf, textOf } from '../../../alerts/content.ts';
import { type GraphEvent, isFactEvent } from '../../../domain/graph.ts';
import type { AlertFilter, AlertLog, DeliveryFilter, LoggedAlert, LoggedDelivery } from '../../../graph/alert-log.ts';
import { decodeCursor } from '../../../graph/cursor.ts';
import { pageOf, rowsForPage } from '../../../graph/page.ts';
import { type Connection, connection, type PageArgs, pageRequest } from '../../connections.ts';
import type { ApiContext } from '../../context.ts';
import { encodeEventCursor } from '../../event-cursor.ts';
import type { FeedItem } from '../../event-feed.ts';
import { isoTime } from '../../iso-time.ts';
import { alertRuleId, findAlertRule } from './alert-rule-id.ts';

/** Arguments of `Query.alerts`. */
export interface AlertsArgs extends PageArgs {
  readonly rule?: string | null;
}

/** Arguments of `Query.alertDeliveries`. */
export interface DeliveriesArgs extends PageArgs {
  readonly state?: LoggedDelivery['state'] | null;
  readonly channel?: string | null;
}

/** Deliveries of one alert at most: it has one for each channel of its rule. */
const MAX_DELIVERIES = 20;

/** A page of alerts. */
export async function alertConnection(
  args: PageArgs,
  log: AlertLog,
  filter: Pick<AlertFilter, 'rule'>,
): Promise<Connection<LoggedAlert>> {
  const { first, after } = pageRequest(args);
  const [before] = decodeCursor('alerts', after) ?? [];
  const limit = rowsForPage(first);
  const rows = await log.alerts({ ...filter, limit, ...(before !== undefined && { before: Number(before) }) });
  return connection(
    pageOf('alerts', rows, first, ({ place }) => [place]),
    args,
  );
}

/** Resolvers of the fields that lead to alerts and deliveries. */
export const alertQueries = {
  async alerts(_: unknown, args: AlertsArgs, { alerting }: ApiContext) {
    if (args.rule == null) return alertConnection(args, alerting.log, {});
    const rule = await findAlertRule(alerting.book, args.rule);
    return rule ? alertConnection(args, alerting.log, { rule: rule.name }) : connection(NOTHING, args);
  },

  async alertDeliveries(_: unknown, args: DeliveriesArgs, { alerting }: ApiContext) {
    const { first, after } = pageRequest(args);
    const last = decodeCursor('deliveries', after);
    const rows = await alerting.log.deliveries({
      limit: rowsForPage(first),
      ...(args.state != null && { state: args.state }),
      ...(args.channel != null && { channel: args.channel }),
      ...(last && { after: { createdMs: Number(last[0]), id: String(last[1]) } }),
    } satisfies DeliveryFilter);
    return connection(
      pageOf('deliveries', rows, first, ({ createdMs, id }) => [createdMs, id]),
      args,
    );
  },
};

const NOTHING = { items: [], hasNextPage: false };

/** Events as resolvers take them, apart by what they are about. */
export function itemsOf(events: readonly GraphEvent[]): { facts: readonly FeedItem[]; entities: readonly FeedItem[] } {
  const items = events.map((event) => ({ event, gap: false }));
  return {
    facts: items.filter(({ event }) => isFactEvent(event)),
    entities: items.filter(({ event }) => !isFactEvent(event)),
  };
}

/** Resolvers of an alert. */
export const alertResolvers = {
  cursor: ({ place }: LoggedAlert) => encodeEventCursor(place, 'alert'),
  ruleId: ({ rule }: LoggedAlert) => alertRuleId(rule),
  kind: ({ type }: LoggedAlert) => type,
  at: ({ atMs }: LoggedAlert) => isoTime(atMs),
  firedIds: ({ firedIds }: LoggedAlert) => firedIds ?? [],

  async text(alert: LoggedAlert, _: unknown, { reader, loaders }: ApiContext) {
    const [events, templates] = await Promise.all([eventsOf(alert, reader), loaders.alertTemplates()]);
    return textOf(events, alert, templates.get(alert.rule));
  },

  events: async (alert: LoggedAlert, _: unknown, { reader }: ApiContext) =>
    itemsOf(await eventsOf(alert, reader)).facts,

  entityEvents: async (alert: LoggedAlert, _: unknown, { reader }: ApiContext) =>
    itemsOf(await eventsOf(alert, reader)).entities,

  async facts({ subjects }: LoggedAlert, _: unknown, { loaders }: ApiContext) {
    const facts = await loaders.facts.loadMany(subjects.flatMap((one) => ('factId' in one ? [one.factId] : [])));
    return facts.filter((fact) => fact !== undefined);
  },

  deliveries: ({ id }: LoggedAlert, _: unknown, { alerting }: ApiContext) =>
    alerting.log.deliveries({ alertIds: [id], limit: MAX_DELIVERIES }),
};

/** Resolvers of a delivery. */
export const alertDeliveryResolvers = {
  createdAt: ({ createdMs }: LoggedDelivery) => isoTime(createdMs),
  dueAt: ({ state, dueMs }: LoggedDelivery) => (state === 'pending' ? isoTime(dueMs) : null),
  attemptedAt: ({ attemptedMs }: LoggedDelivery) => (attemptedMs === null ? null : isoTime(attemptedMs)),
};
