import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const ADDRESS = /^GraphQL and GraphiQL: (\S+)\/graphql$/;

/** `grapevine serve` as it ships. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Starts `grapevine serve` on a free port with these settings, and waits until it answers. */
export async function startServed(settings: Readonly<Record<string, string>>): Promise<Served> {
  // oxlint-disable-next-line node/no-process-env -- the command inherits what its user has set
  const env = { ...process.env, LOG_LEVEL: 'error', ...settings };
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const url = await addressOf(createInterface({ input: child.stdout }));
  if (url === undefined) throw new Error('starting the API: it ended before it told its address');
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

async function addressOf(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) {
    const [, url] = ADDRESS.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  return undefined;
}
