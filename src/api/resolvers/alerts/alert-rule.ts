import { stringify } from 'yaml';
import type { BookRule, RuleBook } from '../../../alerts/rule-book.ts';
import { decodeCursor } from '../../../graph/cursor.ts';
import { pageOf, rowsForPage } from '../../../graph/page.ts';
import { connection, type PageArgs, pageRequest } from '../../connections.ts';
import type { ApiContext } from '../../context.ts';
import { isoTime } from '../../iso-time.ts';
import { alertConnection } from './alert.ts';
import { alertRuleId, findAlertRule } from './alert-rule-id.ts';

/** Resolvers of the fields that lead to rules. */
export const alertRuleQueries = {
  async alertRules(_: unknown, args: PageArgs, { alerting }: ApiContext) {
    const all = await alerting.book.rules();
    const { first, after } = pageRequest(args);
    const [last] = decodeCursor('alert rules', after) ?? [];
    const rows = last === undefined ? all : all.filter(({ name }) => name > last);
    const page = pageOf('alert rules', rows.slice(0, rowsForPage(first)), first, ({ name }) => [name]);
    return connection(page, args, async () => all.length);
  },

  alertRule: (_: unknown, { id }: { id: string }, { alerting }: ApiContext) => findAlertRule(alerting.book, id),

  alertChannels: (_: unknown, __: unknown, { alerting }: ApiContext) => listChannels(alerting.book),
};

/** Where alerts can be sent, by name. */
export async function listChannels(book: RuleBook) {
  const disabled = await book.disabledChannels();
  const channels = [...book.channels].map(([name, { kind }]) => {
    const { atMs, outcome } = disabled.get(name) ?? {};
    return { name, kind, disabledAt: atMs === undefined ? null : isoTime(atMs), disabledFor: outcome };
  });
  return channels.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Resolvers of a rule. */
export const alertRuleResolvers = {
  id: ({ name }: BookRule) => alertRuleId(name),
  trigger: ({ rule }: BookRule) => rule?.when,
  severity: ({ rule }: BookRule) => rule?.severity,
  channels: ({ rule }: BookRule) => rule?.channels ?? [],
  definition: ({ definition }: BookRule) => stringify(definition),
  createdAt: ({ createdMs }: BookRule) => (createdMs === null ? null : isoTime(createdMs)),
  updatedAt: ({ updatedMs }: BookRule) => (updatedMs === null ? null : isoTime(updatedMs)),
  alerts: ({ name }: BookRule, args: PageArgs, { alerting }: ApiContext) =>
    alertConnection(args, alerting.log, { rule: name }),
};
