import type { Command } from 'commander';
import { type Config, isSecret, settingNames } from '../config.ts';
import { configOf, exitingWith, withJsonOption } from './support/command.ts';
import { printLine } from './support/output.ts';

const MASK = '********';

/** Adds `grapevine config`. */
export function addConfig(program: Command): void {
  const command = program
    .command('config')
    .description('print the effective settings, secrets masked')
    .addHelpText('after', '\nExample:\n  $ GRAPH_URL=sqlite:news.db grapevine config')
    .action(exitingWith(printConfig));
  withJsonOption(command);
}

async function printConfig(options: { readonly json?: boolean }): Promise<number> {
  const config = configOf({});
  const shown = Object.fromEntries(settingNames.map((name) => [name, shownValue(config, name)]));
  if (options.json) await printLine(JSON.stringify(shown));
  else for (const [name, value] of Object.entries(shown)) await printLine(`${name}=${value ?? ''}`);
  return 0;
}

function shownValue(config: Config, name: keyof Config): string | number | boolean | undefined {
  const value = config[name];
  if (isSecret(name) && value) return MASK;
  // A URL may carry a user name and password.
  return typeof value === 'string' ? value.replace(/:\/\/.*@/, `://${MASK}@`) : value;
}
