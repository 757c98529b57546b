import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const ADDRESS = /^GraphQL and GraphiQL: (\S+)\/graphql$/;
const HEALTH = /^health and metrics: (\S+)$/;

/** A command of Grapevine as it ships that has started and goes on. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Starts `grapevine consume all` with these settings, and gives the address of its health. */
export function startConsuming(settings: Readonly<Record<string, string>>): Promise<Served> {
  return start(['consume', 'all', '--http-port', '0'], settings, HEALTH);
}

/** Starts `grapevine serve` on a free port with these settings, and waits until it answers. */
export function startServed(settings: Readonly<Record<string, string>>): Promise<Served> {
  return start(['serve', '--port', '0'], settings, ADDRESS);
}

/** Starts a command and waits for the line that says its address, on either output. */
async function start(
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
  address: RegExp,
): Promise<Served> {
  // oxlint-disable-next-line node/no-process-env -- the command inherits what its user has set
  const env = { ...process.env, LOG_LEVEL: 'error', ...settings };
  const child = spawn(process.execPath, [CLI, ...command], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.stderr.pipe(process.stderr);
  const url = await Promise.race([
    addressOf(child.stdout, address),
    addressOf(child.stderr, address),
    ended.then(() => undefined),
  ]);
  if (url === undefined) throw new Error(`starting ${command.join(' ')}: it ended before it told its address`);
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}

function addressOf(output: Readable, address: RegExp): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      const [, url] = address.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
}
