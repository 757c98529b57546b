import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a reader types runs in the clone; here `grapevine` and `npm` do, wherever files land. */
const PRELUDE = `
set -euo pipefail
npx() { shift; node "$ROOT/dist/cli.js" "$@"; }
npm() { (cd "$ROOT" && command npm "$@"); }
python() { "$PYTHON" "$@"; }
`;

/** What a script left. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The blocks of a page that are meant to be run: those marked `sh`. */
export function scriptsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
}

/** Runs a script with bash, then ends whatever it left running in the background. */
export async function bash(
  script: string,
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const {
    GRAPH_URL: _graph,
    KAFKA_BROKERS: _kafka,
    NEO4J_USERNAME: _user,
    NEO4J_PASSWORD: _password,
    ...env
  } = process.env;
  const child = spawn('bash', ['-c', PRELUDE + script], { cwd, detached: true, env: { ...env, ROOT, ...variables } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = new Promise((resolve) => child.on('close', resolve));
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  try {
    process.kill(-(child.pid as number), 'SIGTERM');
  } catch {
    // Nothing was left.
  }
  await closed;
  return { code, stdout, stderr };
}
