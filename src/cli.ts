#!/usr/bin/env node
import './production.ts';
import { CommanderError } from 'commander';
import { type ErrorCode, GrapevineError, messageOf } from './errors.ts';
import { createProgram } from './program.ts';

/** Errors of what was asked for rather than of what happened. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(['CONFIG_INVALID', 'USAGE', 'GRAPH_SCHEME', 'BUNDLE_MISSING']);

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
let outputEnded = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (outputEnded) return;
  outputEnded = true;
  if (error.code !== 'EPIPE') {
    process.stderr.write(`grapevine: writing the output: ${error.message}\n`);
    process.exitCode = 1;
  }
  // A command at work ends as it does at a signal: leaving in the middle of a native call would abort the process.
  if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM');
});

await main();
