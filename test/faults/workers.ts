import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trace } from './trace.ts';
import { type Orders, RELEASE } from './worker/orders.ts';

/** How a worker may end. */
type Ending = 'SIGKILL' | 0;

/** One consumer process. */
export class Worker {
  readonly who: string;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: string;
  #allowed: Ending | undefined;

  /** Starts the process; `allowed` says how it may end though nobody tells it to. */
  constructor(orders: Orders, options: { code: string; log: string; trace: Trace; allowed?: Ending | undefined }) {
    const { code, log, trace } = options;
    this.who = orders.who;
    this.#allowed = options.allowed;
    this.#log = log;
    const output = openSync(log, 'a');
    this.#child = fork(join(code, 'test/faults/worker/main.ts'), [], {
      cwd: code,
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.#child.on('error', () => {});
    this.#child.send(orders, () => {});
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (exit, signal) => {
        trace.writer.write({ what: 'ended', code: exit, signal }, this.who);
        if ((signal ?? exit) !== this.#allowed) trace.fail(new Error(this.#describe(signal ?? exit)));
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#allowed = 'SIGKILL';
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end in order, which it must do with code 0 unless it is to be killed on the way. */
  async terminate(): Promise<void> {
    this.#allowed ??= 0;
    this.#child.kill('SIGTERM');
    await this.ended;
  }

  /** Lets a stopped process go on. */
  wake(): void {
    this.#child.kill('SIGCONT');
  }

  /** Lets its extractor go on with what it holds back. */
  release(): void {
    this.#child.send(RELEASE, () => {});
  }

  #describe(how: string | number | null): string {
    const last = readFileSync(this.#log, 'utf8').trim().split('\n').slice(-5).join('\n');
    return `worker ${this.who} ended with ${how}: ${last.slice(-2000)}`;
  }
}
