import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processTime } from './machine.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const LOOK_MS = 20;

/** Runs of the command line as it ships, one at a time, whose processor time is watched. */
export class Commands {
  #cpuSeconds = 0;

  /** Processor seconds of all runs so far, threads included. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /**
   * Runs a command until it ends by itself, or until a condition holds, and gives its processor seconds, start included.
   * What it does after being told to end is not counted.
   */
  async run(
    options: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    done: () => boolean | Promise<boolean> = () => false,
  ): Promise<number> {
    // oxlint-disable-next-line node/no-process-env -- the command inherits what its user has set
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [CLI, ...options], { stdio: ['ignore', 'ignore', 'inherit'], env });
    const ended = once(child, 'exit');
    let seconds = 0;
    // A process that has ended shows nothing any more.
    const look = () => (seconds = Math.max(seconds, processTime(child.pid ?? 0)));
    while (child.exitCode === null && !(await done())) {
      look();
      await sleep(LOOK_MS);
    }
    look();
    child.kill('SIGTERM');
    await ended;
    this.#cpuSeconds += seconds;
    return seconds;
  }
}
