import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { explain, type Verdict } from '../alerts/evaluate.ts';
import type { AlertRule, AlertRules } from '../alerts/rule.ts';
import { readRuleFile } from '../alerts/rule-file.ts';
import { topicOf } from '../alerts/triggers.ts';
import { type GraphEvent, isFactEvent } from '../domain/graph.ts';
import { GrapevineError } from '../errors.ts';
import type { LoggedDelivery } from '../graph/alert-log.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import { openGraph } from '../main.ts';
import { openAlertChannel } from '../main-alerts.ts';
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

const EVENTS_PER_READ = 500;

const MORE = `
Events are kept for 7 days. A near miss is an event that met at least one condition of the rule, but not all, or at
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
  await using sink = openAlertChannel(channel, config, (message) => tell(JSON.stringify(message)));
  const id = `msg_${randomUUID()}`;
  const attempt = await sink.deliver({ id, type: 'alert.test', atMs: Date.now(), data: { channel: name } });
  const { delivered, outcome, milliseconds, answer } = attempt;
  if (options.json) await printLine(JSON.stringify({ id, channel: name, ...attempt }));
  else {
    const said = answer ? `: ${JSON.stringify(answer)}` : '';
    await printLine(`${delivered ? 'delivered' : `not delivered (${outcome})`} in ${milliseconds} ms${said}`);
  }
  return delivered ? 0 : 1;
}

async function testRule(name: string, options: TestOptions): Promise<number> {
  const config = configOf(options);
  const rule = ruleOf(name, config.ALERT_RULES);
  await using graph = await openGraph(config, { mustExist: true });
  const counts = { fired: 0, nearMisses: 0, events: 0 };
  const isAboutFacts = topicOf(rule.when) === 'fact';
  for await (const event of eventsSince(graph.reader, options.last)) {
    if (isFactEvent(event) !== isAboutFacts) continue;
    counts.events++;
    const verdict = explain(event, rule);
    if (!verdict || (!verdict.fires && verdict.met === 0)) continue;
    counts[verdict.fires ? 'fired' : 'nearMisses']++;
    await printLine(options.json ? JSON.stringify(toFields(event, verdict)) : toText(event, verdict));
  }
  const { fired, nearMisses, events } = counts;
  if (!options.json)
    tell(`${formatCount(fired)} alerts, ${formatCount(nearMisses)} near misses in ${formatCount(events)} events`);
  return 0;
}

function rulesOf(file: string | undefined): AlertRules {
  if (file !== undefined) return readRuleFile(file);
  throw new GrapevineError('USAGE', 'trying alerts: there is no file of rules; set ALERT_RULES or give --alert-rules');
}

function ruleOf(name: string, file: string | undefined): AlertRule {
  const { rules } = rulesOf(file);
  const rule = rules.find((one) => one.name === name);
  if (rule) return rule;
  const known = rules.map((one) => JSON.stringify(one.name)).join(', ') || 'none';
  throw new GrapevineError(
    'USAGE',
    `testing an alert rule: ${file} has no rule ${JSON.stringify(name)}; it has ${known}`,
  );
}

async function* eventsSince(reader: GraphReader, sinceMs: number): AsyncGenerator<GraphEvent> {
  let position = 0;
  for (;;) {
    const events = await reader.eventsAfter(position, EVENTS_PER_READ);
    // Positions follow commits, and the clocks of several writers differ: the time does not rise with every event.
    yield* events.filter((event) => event.atMs >= sinceMs);
    const last = events.at(-1);
    if (!last) return;
    position = last.position;
  }
}

function toFields(event: GraphEvent, { fires, why }: Verdict): Record<string, unknown> {
  const { kind, postId } = event;
  const common = { fires, why, at: new Date(event.atMs).toISOString(), kind };
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

function toText(event: GraphEvent, { fires, why }: Verdict): string {
  const line = `${new Date(event.atMs).toISOString()}  ${event.kind}  ${subjectText(event)}`;
  return fires ? `ALERT  ${line}` : `no     ${line}: ${why.join('; ')}`;
}

function subjectText(event: GraphEvent): string {
  if (isFactEvent(event)) return `${event.headName} —${event.fact.type}→ ${event.tailName}`;
  const { entity, other } = event;
  return `${entity.name} (${entity.type})${other ? ` = ${other.name} (${other.type})` : ''}`;
}
