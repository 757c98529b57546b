import { type Rehearsal, type RehearsedAlert, type RehearsedEvent, rehearse } from '../../../alerts/rehearse.ts';
import type { AlertRule } from '../../../alerts/rule.ts';
import type { RuleBook } from '../../../alerts/rule-book.ts';
import { pageSize } from '../../connections.ts';
import type { ApiContext } from '../../context.ts';
import { isoTime, spanArg } from '../../iso-time.ts';
import { failed, type Payload, refused } from '../mutations/payload.ts';
import { itemsOf } from './alert.ts';
import { findAlertRule } from './alert-rule-id.ts';
import { type AlertRuleArg, definitionOf } from './rule-input.ts';

interface TestArgs {
  readonly id?: string | null;
  readonly rule?: AlertRuleArg | null;
  readonly last?: string | null;
  readonly first?: number | null;
}

interface Tried {
  readonly rehearsal: Rehearsal;
  readonly first: number;
}

/** Events that are looked at, at most. */
const MAX_EVENTS = 50_000;
const BOUNDS = { min: '1m', max: '7d' };

/** `Query.testAlertRule`: what a rule would have told. */
export async function testAlertRule(_: unknown, args: TestArgs, { alerting, reader }: ApiContext) {
  const first = pageSize(args.first);
  const spanMs = spanArg('last', args.last ?? '24h', BOUNDS);
  const rule = await ruleOf(args, alerting.book);
  if ('userErrors' in rule) return rule;
  const untilMs = Date.now();
  const times = { sinceMs: untilMs - spanMs, untilMs, maxAgeMs: alerting.maxAgeMs };
  const test: Tried = { rehearsal: await rehearse({ rule, reader, ...times, limit: MAX_EVENTS }), first };
  return { test, userErrors: [] };
}

async function ruleOf({ id, rule }: TestArgs, book: RuleBook): Promise<AlertRule | Payload> {
  if ((id == null) === (rule == null)) return failed(null, 'BAD_REQUEST', 'give either "id" or "rule"');
  if (rule != null) {
    const checked = book.check(definitionOf(rule));
    return 'problems' in checked ? refused(checked) : checked;
  }
  const found = await findAlertRule(book, id ?? '');
  if (!found) return failed('id', 'NOT_FOUND', 'there is no such rule');
  return found.rule ?? failed('id', 'INVALID_RULE', `"${found.name}" cannot be used: ${found.fault}`);
}

/** Resolvers of what a rule would have told. */
export const alertRuleTestResolvers = {
  alertCount: ({ rehearsal }: Tried) => rehearsal.alerts.length,
  heldBackCount: ({ rehearsal }: Tried) => rehearsal.judged.filter(({ heldBack }) => heldBack !== undefined).length,
  nearMissCount: ({ rehearsal }: Tried) => rehearsal.judged.filter(({ verdict }) => !verdict.fires).length,
  eventCount: ({ rehearsal }: Tried) => rehearsal.events,
  isPartial: ({ rehearsal }: Tried) => rehearsal.isPartial,
  alerts: ({ rehearsal, first }: Tried) => rehearsal.alerts.slice(-first).toReversed(),
  judged: ({ rehearsal, first }: Tried) => rehearsal.judged.slice(-first).toReversed(),
};

/** Resolvers of an alert that would have been sent. */
export const testedAlertResolvers = {
  kind: ({ type }: RehearsedAlert) => type,
  at: ({ atMs }: RehearsedAlert) => isoTime(atMs),
  events: ({ events }: RehearsedAlert) => itemsOf(events).facts,
  entityEvents: ({ events }: RehearsedAlert) => itemsOf(events).entities,
};

/** Resolvers of what a rule says to an event. */
export const judgedEventResolvers = {
  event: ({ event }: RehearsedEvent) => itemsOf([event]).facts[0],
  entityEvent: ({ event }: RehearsedEvent) => itemsOf([event]).entities[0],
  fires: ({ verdict }: RehearsedEvent) => verdict.fires,
  why: ({ verdict }: RehearsedEvent) => verdict.why,
};
