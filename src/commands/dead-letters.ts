import { type Command, InvalidArgumentError } from 'commander';
import type { Letter, LetterFilter } from '../consumers/dead-letters.ts';
import { openLetters, openTelemetry } from '../main.ts';
import { configOf, exitingWith, withJsonOption } from './support/command.ts';
import { formatCount, formatReasons, onOneLine, printLine, tell } from './support/output.ts';
import { listenForShutdown } from './support/shutdown.ts';
import { parseTime } from './support/time.ts';

interface FilterOptions {
  readonly class?: string;
  readonly stage?: 'extract' | 'upsert';
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

interface ListOptions extends FilterOptions {
  readonly replayed?: boolean;
}

interface ReplayOptions extends FilterOptions {
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly rate?: number;
}

const EXAMPLES = {
  list: [
    'grapevine dead-letters list --since 24h',
    'grapevine dead-letters list --class sink_reject --json | jq -r .message',
  ],
  replay: [
    'grapevine dead-letters replay --class sink_reject --dry-run',
    'grapevine dead-letters replay --stage upsert --since 2026-05-15 --rate 50',
  ],
};

/** Adds `grapevine dead-letters …`. */
export function addDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('records that the consumers could not process, kept beside their topics (TOPIC.dlt)');
  const list = letters.command('list').description('show them, the oldest first').action(exitingWith(listThem));
  list.option('--replayed', 'also those that were sent back already');
  const replay = letters
    .command('replay')
    .description('send them back to where they came from, with the bytes, key and headers they had')
    .option('--dry-run', 'only say what would be sent')
    .option('--rate <number>', 'most letters a second', parsePositive)
    .option('--again', 'also those that were sent back already')
    .action(exitingWith(replayThem));
  for (const [command, examples] of [
    [list, EXAMPLES.list],
    [replay, EXAMPLES.replay],
  ] as const) {
    withJsonOption(withFilterOptions(command));
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
  }
}

function withFilterOptions(command: Command): Command {
  return command
    .option('--class <class>', 'rejected for this reason: decode, parse, schema, source, too_large, sink_reject, …')
    .option('--stage <stage>', 'rejected by extract or upsert', parseStage)
    .option('--since <time>', 'kept at this time or later: a date, or an age such as 90s, 15m, 24h, 7d', parseTime)
    .option('--until <time>', 'kept before this time', parseTime)
    .option('--limit <number>', 'most letters', parsePositive);
}

async function listThem(options: ListOptions): Promise<number> {
  const config = configOf({});
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const letters = openLetters(config, openTelemetry(config));
  const found = await (await letters).list(filterOf(options, options.replayed), shutdown.signal);
  for (const letter of found) await printLine(options.json ? JSON.stringify(letter) : describe(letter));
  if (!options.json) tell(`${formatCount(found.length)} dead letters${found.length > 0 ? `: ${byClass(found)}` : ''}`);
  return shutdown.exitCode() ?? 0;
}

async function replayThem(options: ReplayOptions): Promise<number> {
  const config = configOf({});
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const letters = await openLetters(config, openTelemetry(config));
  const found = await letters.list(filterOf(options, options.again), shutdown.signal);
  let replayed = 0;
  if (!options.dryRun) {
    replayed = await letters.replay(found, shutdown.signal, {
      ...(options.rate !== undefined && { perSecond: options.rate }),
      onReplayed: (letter) => tell(`sent back to ${letter.from.topic}: ${describe(letter)}`),
    });
  }
  if (options.json) await printLine(JSON.stringify({ found: found.length, replayed, dryRun: options.dryRun === true }));
  else if (options.dryRun) {
    for (const letter of found) await printLine(`would be sent back to ${letter.from.topic}: ${describe(letter)}`);
  } else await printLine(`${formatCount(replayed)} of ${formatCount(found.length)} dead letters were sent back`);
  return shutdown.exitCode() ?? (options.dryRun || replayed === found.length ? 0 : 1);
}

function filterOf(options: FilterOptions, replayed: boolean | undefined): LetterFilter {
  const { class: reason, stage, since, until, limit } = options;
  return {
    ...(reason !== undefined && { class: reason }),
    ...(stage !== undefined && { stage }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(limit !== undefined && { limit }),
    replayed: replayed === true,
  };
}

function describe({ topic, partition, offset, at, stage, class: reason, message, replayed }: Letter): string {
  const place = `${topic}/${partition}@${offset}`;
  return `${at}  ${place}  ${stage} ${reason}${replayed ? ' (sent back)' : ''}: ${onOneLine(message)}`;
}

function byClass(letters: readonly Letter[]): string {
  const counts: Record<string, number> = {};
  for (const { class: reason } of letters) counts[reason] = (counts[reason] ?? 0) + 1;
  return formatReasons(counts);
}

function parseStage(value: string): string {
  if (value === 'extract' || value === 'upsert') return value;
  throw new InvalidArgumentError('expected extract or upsert');
}

function parsePositive(value: string): number {
  const number = Number(value);
  if (!(number > 0) || !Number.isFinite(number)) throw new InvalidArgumentError('expected a number above zero');
  return number;
}
