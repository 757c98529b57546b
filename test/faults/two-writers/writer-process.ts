import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Go, STOP, type WriterOrders, type WriterReport } from './orders.ts';

/** One writing process, as its parent sees it. */
export class WriterProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  #report: WriterReport = { batches: 0, retries: 0, outcomes: {} };
  #said = '';
  #isStopping = false;
  #wake: () => void = () => {};

  /** Starts the writer of the code in a folder; `onReport` hears of every report. */
  constructor(orders: WriterOrders, code: string, onReport: () => void) {
    this.#name = `writer ${orders.writer}`;
    this.#child = fork(join(code, 'test/faults/two-writers/writer.ts'), [], {
      cwd: code,
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.on('error', () => {});
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#said = `${this.#said}${text}`.slice(-2000);
    });
    this.#child.on('message', (report: WriterReport) => {
      this.#report = report;
      onReport();
      this.#wake();
    });
    this.#child.once('exit', () => this.#wake());
    this.#child.send(orders, () => {});
  }

  /** What it has done until now. */
  get report(): WriterReport {
    return this.#report;
  }

  /** Waits for a report of which something is true. @throws when the process ends before */
  async until(isIt: (report: WriterReport) => boolean): Promise<void> {
    while (!isIt(this.#report)) {
      if (!this.#isRunning) throw this.#failure();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Lets it go on until before a batch. */
  allow(before: number): void {
    this.#send({ before });
  }

  /** Lets it end its batch and gives its last report. */
  async stop(): Promise<WriterReport> {
    if (this.#isRunning) {
      const ended = once(this.#child, 'close');
      this.#isStopping = true;
      this.#send(STOP);
      await ended;
    }
    if (this.#child.exitCode !== 0 || !this.#isStopping) throw this.#failure();
    return this.#report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isRunning) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #send(message: Go): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #failure(): Error {
    const how = this.#child.signalCode ?? `exit code ${this.#child.exitCode}`;
    return new Error(`${this.#name} ended by itself with ${how}: ${this.#said.trim()}`);
  }
}
