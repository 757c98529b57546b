import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Answer, Command } from '../contenders/serve.ts';

/** A process of the benchmark that measures slices of time on demand. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Asks for something and waits for the answer; fails when the process ends. */
  ask<T>(name: string, argument: unknown): Promise<T>;
  /** Stops the process where it stands, threads and all, or lets it go on. */
  freeze(): void;
  thaw(): void;
}

const alive = new Set<ChildProcess>();
// A frozen process hears nothing, not even that its parent is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(130));
}
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts one of `bench/contenders/*.ts`. */
export function startNode(file: string): Child {
  const path = fileURLToPath(new URL(`../contenders/${file}`, import.meta.url));
  // oxlint-disable-next-line node/no-process-env -- what the child inherits, and a switch of onnxruntime
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
  const child = fork(path, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced', env });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  child.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) asked?.reject(new Error(`${file}: ${answer.error}`));
    else asked?.resolve(answer.value);
  });
  const ended = endOf(child, file, (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  let next = 0;
  return common(child, ended, (name, argument) => {
    const id = next++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.send({ id, name, argument } satisfies Command, (error) => error && reject(error));
    });
  });
}

/** Starts a Python module of this repository that answers every line of its input with a line of JSON. */
export function startPython(python: string, module: string, options: readonly string[]): Child {
  const child = spawn(python, ['-m', module, ...options], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  const ended = endOf(child, module, (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return common(child, ended, (name, argument) => {
    // The first line of output says that it is ready; it is not asked for.
    if (name !== 'start') child.stdin.write(`${JSON.stringify(argument)}\n`);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  });
}

function common(
  child: ChildProcess,
  ended: Promise<void>,
  ask: (name: string, argument: unknown) => Promise<unknown>,
): Child {
  return {
    pid: child.pid ?? 0,
    ask: <T>(name: string, argument: unknown) => ask(name, argument) as Promise<T>,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function endOf(child: ChildProcess, name: string, fail: (error: Error) => void): Promise<void> {
  alive.add(child);
  return new Promise((resolve) => {
    const end = (reason: string) => {
      alive.delete(child);
      fail(new Error(`${name}: the process ended (${reason})`));
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `code ${code}`));
  });
}
