import { GrapevineError } from '../../../errors.ts';
import { MAX_PAGE } from '../../../graph/page.ts';
import type { AlertEvent } from '../../alert-events.ts';
import type { ApiContext } from '../../context.ts';
import { decodeEventCursor, encodeEventCursor } from '../../event-cursor.ts';
import type { FeedItem, Heartbeat } from '../../event-feed.ts';
import { heartbeatMs } from '../../heartbeat.ts';
import { isoTime } from '../../iso-time.ts';
import { freshLoaders } from '../../loaders.ts';
import { alertRuleId } from './alert-rule-id.ts';

/** Arguments of the subscription. */
export interface AlertFiredArgs {
  readonly rules?: readonly string[] | null;
  readonly since?: string | null;
  readonly heartbeatSeconds?: number | null;
}

type Item = FeedItem<AlertEvent> | Heartbeat;

/** The subscription to alerts as they fire. */
export const alertFired = {
  subscribe(_: unknown, args: AlertFiredArgs, { alertFeed }: ApiContext) {
    const since = args.since == null ? undefined : decodeEventCursor(args.since, 'alert');
    if (args.rules && (args.rules.length < 1 || args.rules.length > MAX_PAGE)) {
      const found = `got ${args.rules.length} ids; give 1 to ${MAX_PAGE}, or none at all`;
      throw new GrapevineError('BAD_REQUEST', `following alerts: ${found}.`);
    }
    const rules = args.rules && new Set(args.rules);
    const accepts = ({ rule }: AlertEvent) => !rules || rules.has(alertRuleId(rule));
    return alertFeed.open({ since, accepts, heartbeatMs: heartbeatMs(args.heartbeatSeconds) });
  },
  resolve(item: Item, _: unknown, context: ApiContext) {
    context.loaders = freshLoaders(context);
    return item;
  },
};

/** Resolvers of what the subscription sends. */
export const alertEventResolvers = {
  cursor: (item: Item) => encodeEventCursor(item.event ? item.event.position : item.position, 'alert'),
  kind: (item: Item) => (item.event ? 'alert' : 'heartbeat'),
  alert: (item: Item) => item.event,
  at: (item: Item) => isoTime(item.event ? item.event.atMs : item.atMs),
};
