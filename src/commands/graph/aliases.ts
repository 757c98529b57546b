import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { GrapevineError, messageOf } from '../../errors.ts';
import { type AliasRow, parseAliases } from '../../graph/aliases/alias-file.ts';
import { type AppliedAliases, applyAliases } from '../../graph/aliases/apply-aliases.ts';
import type { GraphReader } from '../../graph/graph-reader.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, onOneLine, printLine, tell } from '../support/output.ts';
import { listenForShutdown } from '../support/shutdown.ts';

interface AliasOptions extends SettingOptions {
  readonly removeMissing?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const RULINGS_PER_LINE = 1000;

const MORE = `
A CSV file with the columns alias, canonical, type, and as you like external_id and alias_type:

  alias,canonical,type,external_id
  IBM,International Business Machines,ORG,wikidata:Q37156
  Big Blue,International Business Machines,ORG,

Each alias becomes a decision that \`grapevine graph decisions\` lists. What a person decided outranks the file. Names need not
be in the graph yet. Exit code 1 when the graph refused a row.

Examples:
  $ grapevine graph aliases companies.csv --dry-run
  $ grapevine graph aliases companies.csv --remove-missing --graph sqlite:news.db`;

/** Adds `grapevine graph aliases`. */
export function addGraphAliases(graph: Command): void {
  const command = graph
    .command('aliases')
    .description('decide from a file which names mean the same entity, and what other catalogues call it')
    .argument('<file>', 'CSV, UTF-8')
    .option('--remove-missing', 'take back what an earlier file said and this one does not')
    .option('--dry-run', 'only say how many')
    .addHelpText('after', MORE)
    .action(exitingWith(apply));
  withJsonOption(withGraphOption(command));
}

async function apply(
  file: string,
  { removeMissing = false, dryRun = false, json, ...options }: AliasOptions,
): Promise<number> {
  const rows = parseAliases(await read(file), file);
  const config = configOf(options);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  await using graph = await openGraph(config, { mustExist: true });
  await warnOfTypes(rows, graph.reader);
  const onProgress = (done: number, all: number) => {
    if (!json && done % RULINGS_PER_LINE === 0) tell(`${formatCount(done)} of ${formatCount(all)} decisions`);
  };
  const { signal } = shutdown;
  const applied = await applyAliases(graph, rows, { removeMissing, dryRun, onProgress, signal });
  await (json
    ? printLine(JSON.stringify({ dryRun, rows: rows.length, ...toFields(applied) }))
    : report(applied, dryRun));
  return shutdown.exitCode() ?? (applied.refused.length > 0 ? 1 : 0);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new GrapevineError('INPUT_UNREADABLE', `reading the aliases: ${messageOf(error)}`);
  }
}

async function warnOfTypes(rows: readonly AliasRow[], reader: GraphReader): Promise<void> {
  const known = (await reader.types()).entities;
  const asked = new Set(rows.map(({ canonical }) => canonical.type));
  const unknown = [...asked].filter((type) => !known.includes(type));
  if (known.length > 0 && unknown.length > 0)
    tell(`no entity has the type ${unknown.join(', ')} yet; those of the graph are ${known.join(', ')}`);
}

function toFields({ overruled, ...applied }: AppliedAliases): Record<string, unknown> {
  return { ...applied, overruled: overruled.map(({ row, why }) => ({ line: row.line, why })) };
}

async function report({ overruled, refused, ...applied }: AppliedAliases, dryRun: boolean): Promise<void> {
  for (const { row, why } of overruled) await printLine(onOneLine(`line ${row.line}: left as it is, ${why}`));
  for (const why of refused) await printLine(onOneLine(why));
  const would = dryRun ? 'would be ' : '';
  const { decided, removed, known, posts } = applied;
  tell(
    `${formatCount(decided)} decisions ${would}taken and ${formatCount(removed)} ${would}taken back, ` +
      `${formatCount(known)} rows known, ${formatCount(overruled.length)} left to people's decisions` +
      (dryRun ? '' : `; ${formatCount(posts)} posts read anew`),
  );
}
