import type { Command } from 'commander';
import { migrateGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { printLine, tell } from '../support/output.ts';

const MORE = `
Stop what uses the graph and back it up first. A new graph needs no migration.

Example:
  $ grapevine graph migrate --graph sqlite:news.db`;

/** Adds `grapevine graph migrate`. */
export function addGraphMigrate(graph: Command): void {
  const command = graph
    .command('migrate')
    .description('bring a graph that an older Grapevine wrote to the schema of this one')
    .addHelpText('after', MORE)
    .action(exitingWith(migrate));
  withJsonOption(withGraphOption(command));
}

async function migrate(options: SettingOptions & { readonly json?: boolean }): Promise<number> {
  const { from, to, steps } = await migrateGraph(configOf(options));
  if (options.json) await printLine(JSON.stringify({ from, to, steps }));
  else if (from === to) tell(`the graph has schema ${to} already`);
  else for (const [index, step] of steps.entries()) tell(`schema ${from + index + 1}: ${step}`);
  return 0;
}
