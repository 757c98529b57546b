#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addConfig } from './commands/config.ts';
import { addConsume } from './commands/consume.ts';
import { addDemo } from './commands/demo.ts';
import { addExtract } from './commands/extract.ts';
import { addGraph } from './commands/graph.ts';
import { addIngest } from './commands/ingest.ts';
import { addServe } from './commands/serve.ts';
import { addTopics } from './commands/topics.ts';
import { type ErrorCode, GrapevineError, messageOf } from './errors.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Errors of what was asked for rather than of what happened. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(['CONFIG_INVALID', 'USAGE', 'GRAPH_SCHEME', 'BUNDLE_MISSING']);

function createProgram(): Command {
  const program = new Command('grapevine')
    .description('Social posts in, knowledge graph out: who is linked to whom, and where it was said.')
    .version(version)
    .showHelpAfterError('(--help shows what is possible)');
  for (const add of [addDemo, addIngest, addExtract, addServe, addConsume, addTopics, addGraph, addConfig]) add(program);
  throwInsteadOfExit(program);
  return program;
}

/** Commands return their exit code; commander must not end the process on its own. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommanderError) return;
    process.stderr.write(`grapevine: ${messageOf(error)}\n`);
    // A stack helps only where the fault is ours.
    if (!(error instanceof GrapevineError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof GrapevineError && USAGE_CODES.has(error.code) ? 2 : 1;
}

// A reader such as `head` that has enough closes the pipe: that ends the command, without complaint.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

await main();
