import { type Command, InvalidArgumentError, Option } from 'commander';
import { type RehearsedEvent, rehearse } from '../alerts/rehearse.ts';
import type { AlertRule, AlertRules } from '../alerts/rule.ts';
import { NO_RULES, RuleBook } from '../alerts/rule-book.ts';
import { readRuleFile } from '../alerts/rule-file.ts';
import { sendTest } from '../alerts/send-test.ts';
import { type GraphEvent, isFactEvent } from '../domain/graph.ts';
import { GrapevineError } from '../errors.ts';
import type { LoggedDelivery } from '../graph/alert-log.ts';
import { openGraph, openTelemetry } from '../main.ts';
import { alertMaxAge, openAlertChannel } from '../main-alerts.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from './support/command.ts';
import { formatCount, printLine, tell } from './support/output.ts';
import { parseTime } from './support/time.ts';

interface TestOptions extends SettingOptions {
  readonly last: number;
  readonly json?: boolean;
}

interface ListOptions extends SettingOptions {
  readonly state?: LoggedDelivery['state'];
  readonly channel?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const MORE = `
Events are kept for 7 days. The rule is tried as if it had been there alone: what it would have held back for novelty, a
throttle or its age is said. A near miss is an event that met at least one condition of the rule, but not all, or at
which no gate was crossed.

Example:
  $ grapevine alerts test "New employer links" --last 24h --alert-rules alerts.yaml`;

/** Adds `grapevine alerts …`. */
export function addAlerts(program: Command): void {
  const alerts = program.command('alerts').description('try alert rules and channels; look at deliveries');
  const test = alerts
    .command('test')
    .description('print what a rule would have fired at, and for near misses why it would not')
    .argument('<rule>', 'name of the rule')
    .requiredOption('--last <time>', 'events since then: an age such as 24h, 7d, or a date', parseTime)
    .option('--alert-rules <file>', 'YAML file of the rules (ALERT_RULES)')
    .addHelpText('after', MORE)
    .action(exitingWith(testRule));
  withJsonOption(withGraphOption(test));
  const sendTest = alerts
    .command('send-test')
    .description('deliver one test message to a channel, once; exit code 1 when it is not accepted')
    .argument('<channel>', 'name of the channel')
    .option('--alert-rules <file>', 'YAML file of the rules and channels (ALERT_RULES)')
    .addHelpText('after', '\nExample:\n  $ grapevine alerts send-test siem --alert-rules alerts.yaml')
    .action(exitingWith(sendTestMessage));
  withJsonOption(sendTest);
  addDeliveries(alerts);
  addChannels(alerts);
}

function addDeliveries(alerts: Command): void {
  const deliveries = alerts.command('deliveries').description('look at what was sent, and send it again');
  const list = deliveries
    .command('list')
    .description('print deliveries, newest first')
    .addOption(new Option('--state <state>', 'only those').choices(['pending', 'delivered', 'failed']))
    .option('--channel <name>', 'only those to this channel')
    .option('--limit <number>', 'most lines', parseLimit, 50)
    .addHelpText('after', '\nExample:\n  $ grapevine alerts deliveries list --state failed')
    .action(exitingWith(listDeliveries));
  withJsonOption(withGraphOption(list));
  const replay = deliveries
    .command('replay')
    .description('send a delivery that has ended again, from the first attempt on and with the same webhook-id')
    .argument('<id>', 'id of the delivery')
    .addHelpText('after', '\nExample:\n  $ grapevine alerts deliveries replay msg_0123456789abcdef0123456789abcdef')
    .action(exitingWith(replayDelivery));
  withGraphOption(replay);
}

function addChannels(alerts: Command): void {
  const channels = alerts.command('channels').description('see which channels work, and enable one again');
  const list = channels
    .command('list')
    .description('print the channels of the file of rules')
    .option('--alert-rules <file>', 'YAML file of the rules and channels (ALERT_RULES)')
    .addHelpText('after', '\nExample:\n  $ grapevine alerts channels list --alert-rules alerts.yaml')
    .action(exitingWith(listChannels));
  withJsonOption(withGraphOption(list));
  const enable = channels
    .command('enable')
    .description('send to a channel again that was disabled')
    .argument('<channel>', 'name of the channel')
    .addHelpText('after', '\nExample:\n  $ grapevine alerts channels enable siem')
    .action(exitingWith(enableChannel));
  withGraphOption(enable);
}

async function listChannels(options: SettingOptions & { readonly json?: boolean }): Promise<number> {
  const config = configOf(options);
  await using graph = await openGraph(config, { mustExist: true });
  const { channels } = rulesOf(config.ALERT_RULES);
  const disabled = await new RuleBook({ file: NO_RULES, store: graph.alerts }).disabledChannels();
  for (const [name, { kind }] of channels) {
    const { atMs, outcome } = disabled.get(name) ?? {};
    const at = atMs === undefined ? undefined : new Date(atMs).toISOString();
    const state = at === undefined ? 'works' : `disabled ${at} (${outcome})`;
    const fields = { name, kind, ...(at !== undefined && { disabledAt: at, disabledFor: outcome }) };
    await printLine(options.json ? JSON.stringify(fields) : `${name}  ${kind}  ${state}`);
  }
  return 0;
}

async function enableChannel(name: string, options: SettingOptions): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  const enabled = await new RuleBook({ file: NO_RULES, store: graph.alerts }).enableChannel(name);
  if (typeof enabled !== 'string') {
    const hint = '"grapevine alerts channels list" prints which are';
    throw new GrapevineError('USAGE', `enabling a channel: ${JSON.stringify(name)} is not disabled; ${hint}`);
  }
  await printLine('it is sent to again; what failed meanwhile can be sent by "grapevine alerts deliveries replay"');
  return 0;
}

async function listDeliveries(options: ListOptions): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  const { state, channel, limit } = options;
  const filter = { limit, ...(state && { state }), ...(channel !== undefined && { channel }) };
  for (const one of await graph.alerts.deliveries(filter)) {
    const { id, createdMs, attempts, outcome } = one;
    const at = new Date(createdMs).toISOString();
    const tried = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}${outcome === null ? '' : `, ${outcome}`}`;
    const text = `${at}  ${id}  ${one.state}  ${one.channel}  ${one.rule}  (${tried})`;
    await printLine(options.json ? JSON.stringify(one) : text);
  }
  return 0;
}

async function replayDelivery(id: string, options: SettingOptions): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  if (!(await graph.alerts.replayDelivery(id, Date.now()))) {
    const hint = '"grapevine alerts deliveries list" prints those there are';
    throw new GrapevineError('USAGE', `sending again: no delivery ${JSON.stringify(id)} has ended; ${hint}`);
  }
  await printLine('it is sent again by the next process that delivers alerts');
  return 0;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw new InvalidArgumentError('expected 1 to 10000');
  return limit;
}

async function sendTestMessage(name: string, options: SettingOptions & { readonly json?: boolean }): Promise<number> {
  const config = configOf(options);
  const { channels } = rulesOf(config.ALERT_RULES);
  const channel = channels.get(name);
  if (!channel) {
    const known = [...channels.keys()].map((one) => JSON.stringify(one)).join(', ') || 'none';
    throw new GrapevineError(
      'USAGE',
      `sending a test: there is no channel ${JSON.stringify(name)}; there are ${known}`,
    );
  }
  await using sink = openAlertChannel(channel, {
    config,
    telemetry: openTelemetry(config),
    log: (message) => tell(JSON.stringify(message)),
  });
  const attempt = await sendTest(sink, name);
  const { delivered, outcome, milliseconds, answer } = attempt;
  if (options.json) await printLine(JSON.stringify(attempt));
  else {
    const said = answer ? `: ${JSON.stringify(answer)}` : '';
    await printLine(`${delivered ? 'delivered' : `not delivered (${outcome})`} in ${milliseconds} ms${said}`);
  }
  return delivered ? 0 : 1;
}

async function testRule(name: string, options: TestOptions): Promise<number> {
  const config = configOf(options);
  const file = config.ALERT_RULES === undefined ? NO_RULES : readRuleFile(config.ALERT_RULES);
  await using graph = await openGraph(config, { mustExist: true });
  const rule = await ruleOf(name, new RuleBook({ file, store: graph.alerts }));
  const { reader } = graph;
  const times = { sinceMs: options.last, untilMs: Date.now(), maxAgeMs: alertMaxAge(config) };
  const { alerts, judged, events } = await rehearse({ rule, reader, ...times });
  for (const one of judged) await printLine(options.json ? JSON.stringify(toFields(one)) : toText(one));
  if (options.json) return 0;
  const heldBack = judged.filter((one) => one.heldBack !== undefined).length;
  const nearMisses = judged.filter(({ verdict }) => !verdict.fires).length;
  const held = heldBack > 0 ? `${formatCount(heldBack)} held back, ` : '';
  const of = `in ${formatCount(events)} events`;
  tell(`${formatCount(alerts.length)} alerts, ${held}${formatCount(nearMisses)} near misses ${of}`);
  return 0;
}

function rulesOf(file: string | undefined): AlertRules {
  if (file !== undefined) return readRuleFile(file);
  throw new GrapevineError('USAGE', 'trying alerts: there is no file of rules; set ALERT_RULES or give --alert-rules');
}

async function ruleOf(name: string, book: RuleBook): Promise<AlertRule> {
  const rules = await book.rules();
  const found = rules.find((one) => one.name === name);
  if (found?.rule) return found.rule;
  const known =
    rules.map((one) => JSON.stringify(one.name)).join(', ') || 'none; ALERT_RULES or --alert-rules names a file';
  const problem = found ? `it cannot be used: ${found.fault}` : `there is no such rule; there are ${known}`;
  throw new GrapevineError('USAGE', `testing the alert rule ${JSON.stringify(name)}: ${problem}`);
}

function toFields({ event, verdict: { fires, why }, heldBack }: RehearsedEvent): Record<string, unknown> {
  const { kind, postId } = event;
  const at = new Date(event.atMs).toISOString();
  const common = { fires, why, ...(heldBack && { heldBack }), at, kind };
  if (!isFactEvent(event)) return { ...common, entity: event.entity, into: event.other, postId };
  const { fact, headName, headType, tailName, tailType } = event;
  return {
    ...common,
    fact: {
      id: fact.id,
      type: fact.type,
      head: { id: fact.headId, name: headName, type: headType },
      tail: { id: fact.tailId, name: tailName, type: tailType },
      confidence: fact.confidence,
      sourceCount: fact.sourceCount,
    },
    postId,
  };
}

function toText({ event, verdict: { fires, why }, heldBack }: RehearsedEvent): string {
  const line = `${new Date(event.atMs).toISOString()}  ${event.kind}  ${subjectText(event)}`;
  if (heldBack) return `held   ${line}: ${heldBack.replaceAll('_', ' ')}`;
  return fires ? `ALERT  ${line}` : `no     ${line}: ${why.join('; ')}`;
}

function subjectText(event: GraphEvent): string {
  if (isFactEvent(event)) return `${event.headName} —${event.fact.type}→ ${event.tailName}`;
  const { entity, other } = event;
  return `${entity.name} (${entity.type})${other ? ` = ${other.name} (${other.type})` : ''}`;
}
