import type { Command } from 'commander';
import type { AlertRules } from '../../alerts/rule.ts';
import { NO_RULES, RuleBook } from '../../alerts/rule-book.ts';
import { readRuleFile } from '../../alerts/rule-file.ts';
import { sendTest } from '../../alerts/send-test.ts';
import { GrapevineError } from '../../errors.ts';
import { openGraph, openTelemetry } from '../../main.ts';
import { openAlertChannel } from '../../main-alerts.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { printLine, tell } from '../support/output.ts';

/** Adds `grapevine alerts send-test` and `grapevine alerts channels …`. */
export function addChannels(alerts: Command): void {
  const send = alerts
    .command('send-test')
    .description('deliver one test message to a channel, once; exit code 1 when it is not accepted')
    .argument('<channel>', 'name of the channel')
    .option('--alert-rules <file>', 'YAML file of the rules and channels (ALERT_RULES)')
    .addHelpText('after', '\nExample:\n  $ grapevine alerts send-test siem --alert-rules alerts.yaml')
    .action(exitingWith(sendTestMessage));
  withJsonOption(send);
  addList(alerts);
}

function addList(alerts: Command): void {
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

function rulesOf(file: string | undefined): AlertRules {
  if (file !== undefined) return readRuleFile(file);
  throw new GrapevineError('USAGE', 'trying alerts: there is no file of rules; set ALERT_RULES or give --alert-rules');
}
