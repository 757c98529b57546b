import { type Command, InvalidArgumentError, Option } from 'commander';
import { GrapevineError } from '../../errors.ts';
import type { LoggedDelivery } from '../../graph/alert-log.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { printLine } from '../support/output.ts';

interface ListOptions extends SettingOptions {
  readonly state?: LoggedDelivery['state'];
  readonly channel?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Adds `grapevine alerts deliveries …`. */
export function addDeliveries(alerts: Command): void {
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
