#!/usr/bin/env node
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
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

await main();
