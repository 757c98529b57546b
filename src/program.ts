import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAlerts } from './commands/alerts.ts';
import { addConfig } from './commands/config.ts';
import { addConsume } from './commands/consume.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDemo } from './commands/demo.ts';
import { addExtract } from './commands/extract.ts';
import { addGraph } from './commands/graph.ts';
import { addIngest } from './commands/ingest.ts';
import { addModel } from './commands/model.ts';
import { addServe } from './commands/serve.ts';
import { addSource } from './commands/source.ts';
import { addToken } from './commands/token.ts';
import { addTopics } from './commands/topics.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The command line: every command with its options. A command that was given wrong throws instead of exiting. */
export function createProgram(): Command {
  const program = new Command('grapevine')
    .description('Social posts in, knowledge graph out: who is linked to whom, and where it was said.')
    .version(version)
    .showHelpAfterError('(--help shows what is possible)');
  for (const add of [
    addDemo,
    addIngest,
    addExtract,
    addServe,
    addToken,
    addConsume,
    addTopics,
    addDeadLetters,
    addSource,
    addGraph,
    addModel,
    addAlerts,
    addConfig,
  ])
    add(program);
  throwInsteadOfExit(program);
  return program;
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}
