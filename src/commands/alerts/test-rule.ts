import type { Command } from 'commander';
import { type RehearsedEvent, rehearse } from '../../alerts/rehearse.ts';
import type { AlertRule } from '../../alerts/rule.ts';
import { NO_RULES, RuleBook } from '../../alerts/rule-book.ts';
import { readRuleFile } from '../../alerts/rule-file.ts';
import { type GraphEvent, isFactEvent } from '../../domain/graph.ts';
import { GrapevineError } from '../../errors.ts';
import { openGraph } from '../../main.ts';
import { alertMaxAge } from '../../main-alerts.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, printLine, tell } from '../support/output.ts';
import { parseTime } from '../support/time.ts';

interface TestOptions extends SettingOptions {
  readonly last: number;
  readonly json?: boolean;
}

const MORE = `
Events are kept for 7 days. The rule is tried as if it had been there alone: what it would have held back for novelty, a
throttle or its age is said. A near miss is an event that met at least one condition of the rule, but not all, or at
which no gate was crossed; of a rule about spikes, the mention of each entity that came nearest to one.

Example:
  $ grapevine alerts test "New employer links" --last 24h --alert-rules alerts.yaml`;

/** Adds `grapevine alerts test`. */
export function addTest(alerts: Command): void {
  const test = alerts
    .command('test')
    .description('print what a rule would have fired at, and for near misses why it would not')
    .argument('<rule>', 'name of the rule')
    .requiredOption('--last <time>', 'events since then: an age such as 24h, 7d, or a date', parseTime)
    .option('--alert-rules <file>', 'YAML file of the rules (ALERT_RULES)')
    .addHelpText('after', MORE)
    .action(exitingWith(testRule));
  withJsonOption(withGraphOption(test));
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
  if (!isFactEvent(event)) {
    const { entity, other, spike } = event;
    return { ...common, entity, ...(kind === 'pair.mentioned' ? { with: other } : { into: other }), ...spike, postId };
  }
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
  const { kind, entity, other, spike } = event;
  const second = other ? ` ${kind === 'pair.mentioned' ? '&' : '='} ${other.name} (${other.type})` : '';
  const numbers = spike ? `, ${spike.mentions} mentions, usual ${spike.usual}` : '';
  return `${entity.name} (${entity.type})${second}${numbers}`;
}
