import type { BookRule } from '../../../alerts/rule-book.ts';
import type { ApiContext } from '../../context.ts';
import { timeArg } from '../../iso-time.ts';
import { listChannels } from '../alerts/alert-rule.ts';
import { alertRuleId, findAlertRule } from '../alerts/alert-rule-id.ts';
import { type AlertRuleArg, definitionOf } from '../alerts/rule-input.ts';
import { failed, type Payload, refused } from './payload.ts';

interface SilenceArgs {
  readonly input: {
    readonly rule?: string | null;
    readonly entities?: readonly string[] | null;
    readonly startsAt?: string | null;
    readonly endsAt: string;
    readonly reason?: string | null;
  };
}

/** Mutations of alert rules. */
export const alertRuleMutations = {
  async createAlertRule(_: unknown, { input }: { input: AlertRuleArg }, { alerting }: ApiContext) {
    return ruleAnswer(await alerting.book.create(definitionOf(input)));
  },

  async updateAlertRule(_: unknown, { id, input }: { id: string; input: AlertRuleArg }, { alerting }: ApiContext) {
    const found = await findAlertRule(alerting.book, id);
    return found ? ruleAnswer(await alerting.book.update(found.name, definitionOf(input))) : noRule('id');
  },

  async deleteAlertRule(_: unknown, { id }: { id: string }, { alerting }: ApiContext) {
    const found = await findAlertRule(alerting.book, id);
    if (!found) return noRule('id');
    const removed = await alerting.book.remove(found.name);
    return 'problems' in removed ? refused(removed) : { ruleId: alertRuleId(removed.name), userErrors: [] };
  },
};

/** Mutations of silences. */
export const silenceMutations = {
  async silenceAlerts(_: unknown, { input }: SilenceArgs, { alerting }: ApiContext) {
    const rule = input.rule == null ? null : await findAlertRule(alerting.book, input.rule);
    if (rule === undefined) return noRule('rule');
    const startsMs = timeArg('startsAt', input.startsAt) ?? Date.now();
    const silence = await alerting.book.silence({
      rule: rule?.name ?? null,
      entityIds: [...new Set(input.entities ?? [])],
      startsMs,
      endsMs: timeArg('endsAt', input.endsAt) ?? startsMs,
      reason: input.reason == null || input.reason === '' ? null : input.reason,
    });
    return 'problems' in silence ? refused(silence) : { silence, userErrors: [] };
  },

  async endSilence(_: unknown, { id }: { id: string }, { alerting }: ApiContext) {
    const ended = await alerting.book.endSilence(id);
    return 'problems' in ended ? refused(ended) : { silenceId: ended.id, userErrors: [] };
  },
};

/** Mutations of channels and deliveries. */
export const deliveryMutations = {
  async enableAlertChannel(_: unknown, { channel: name }: { channel: string }, { alerting }: ApiContext) {
    const enabled = await alerting.book.enableChannel(name);
    if (typeof enabled !== 'string') return refused(enabled);
    const channels = await listChannels(alerting.book);
    return { channel: channels.find((one) => one.name === name), userErrors: [] };
  },

  async replayDelivery(_: unknown, { id }: { id: string }, { alerting }: ApiContext) {
    const isReplayed = await alerting.log.replayDelivery(id, Date.now());
    const [delivery] = await alerting.log.deliveries({ id, limit: 1 });
    if (!delivery) return failed('id', 'NOT_FOUND', 'there is no such delivery');
    if (!isReplayed) return failed('id', 'PENDING', 'it is on its way already');
    return { delivery, userErrors: [] };
  },

  async sendTestAlert(_: unknown, { channel }: { channel: string }, { alerting }: ApiContext) {
    const attempt = await alerting.sendTest(channel);
    if (attempt) return { attempt: { ...attempt, milliseconds: Math.round(attempt.milliseconds) }, userErrors: [] };
    const known = [...alerting.book.channels.keys()].map((one) => JSON.stringify(one)).join(', ') || 'none';
    return failed('channel', 'NOT_FOUND', `there is no such channel; there are ${known}`);
  },
};

function ruleAnswer(rule: Awaited<ReturnType<ApiContext['alerting']['book']['create']>>) {
  return 'problems' in rule ? refused(rule) : { rule: rule satisfies BookRule, userErrors: [] };
}

function noRule(field: string): Payload {
  return failed(field, 'NOT_FOUND', 'there is no such rule');
}
