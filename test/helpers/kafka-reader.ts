import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClientName } from './group-consumers.ts';
import { kafkaBrokers } from './kafka-broker.ts';
import type { Opened } from './kafka-member.ts';

/** What a reader is told. */
export interface ReaderOptions {
  readonly client: ClientName;
  readonly topic: string;
  readonly groupId: string;
  /** Numbers below are finished at once, the others on SIGUSR2. */
  readonly finishBelow: number;
}

/** Starts a reader of numbers in a process of its own; it ends with the test. */
export async function startReader(opened: Opened, { client, topic, groupId, finishBelow }: ReaderOptions) {
  const script = fileURLToPath(new URL('kafka-reader-process.ts', import.meta.url));
  const args = ['--import', 'tsx', script, client, await kafkaBrokers(), topic, groupId, String(finishBelow)];
  const reader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(reader, 'exit');
  const printed: number[] = [];
  createInterface({ input: reader.stdout }).on('line', (line) => printed.push(Number(line)));
  const kill = async (signal: NodeJS.Signals) => {
    reader.kill(signal);
    if (signal === 'SIGKILL') await exited;
  };
  opened.add({ [Symbol.asyncDispose]: () => kill('SIGKILL') });
  return { kill, printed };
}
