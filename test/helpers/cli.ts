import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command line as it ships: what `npm run build` made. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** What a finished command left. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Another command line than the one of this checkout: of a package that was installed, say. */
  readonly cli?: string;
}

/** Settings of the surrounding test run must not leak into a command. */
function cleanEnv(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const {
    GRAPH_URL: _graph,
    KAFKA_BROKERS: _kafka,
    NEO4J_USERNAME: _user,
    NEO4J_PASSWORD: _password,
    ...rest
  } = process.env;
  return { ...rest, ...extra };
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [options.cli ?? CLI, ...args], {
    env: cleanEnv(options.env),
    cwd: options.cwd,
  });
  const output = collect(child);
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: output.stdout(), stderr: output.stderr() };
}

/** A command that runs until it is told to end. */
export class RunningCli implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #output: ReturnType<typeof collect>;
  readonly #exited: Promise<number | null>;

  constructor(args: readonly string[], options: CliOptions = {}) {
    this.child = spawn(process.execPath, [options.cli ?? CLI, ...args], {
      env: cleanEnv(options.env),
      cwd: options.cwd,
    });
    this.#output = collect(this.child);
    this.#exited = new Promise((resolve) => this.child.on('close', resolve));
  }

  get stdout(): string {
    return this.#output.stdout();
  }

  get stderr(): string {
    return this.#output.stderr();
  }

  /** Resolves with the match once what the command printed (on either stream) matches; rejects when it ends before. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match) return match;
      const ended = await Promise.race([this.#exited.then(() => true), this.#output.more().then(() => false)]);
      if (ended) throw new Error(`the command ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
    }
  }

  /** Sends a signal and resolves with the exit code, null after a kill. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.end('SIGKILL');
  }
}

function collect(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  let wake: (() => void)[] = [];
  const note = () => {
    for (const resolve of wake) resolve();
    wake = [];
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    note();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    note();
  });
  return { stdout: () => stdout, stderr: () => stderr, more: () => new Promise<void>((resolve) => wake.push(resolve)) };
}
