import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { temporaryFolder } from '../helpers/folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);

/** What a reader types runs in the clone; here files land in a folder of the test instead. */
const PRELUDE = `
set -euo pipefail
npx() { shift; node "$ROOT/dist/cli.js" "$@"; }
npm() { (cd "$ROOT" && command npm "$@"); }
`;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script with bash, then ends whatever it left running in the background. */
async function bash(script: string, cwd: string): Promise<Outcome> {
  const {
    GRAPH_URL: _graph,
    KAFKA_BROKERS: _kafka,
    NEO4J_USERNAME: _user,
    NEO4J_PASSWORD: _password,
    ...env
  } = process.env;
  const child = spawn('bash', ['-c', PRELUDE + script], { cwd, detached: true, env: { ...env, ROOT } });
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

test('the quick start is the two commands that other tests and CI run', () => {
  expect(blocks[0]).toBe('npm start\nnpm test\n');
  expect(readFileSync(`${ROOT}.ci/run`, 'utf8')).toMatch(/^npm test$/m);
});

test('npm start brings the demo up', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await bash(
    `npm start -- --fast --no-open --port 0 > out.txt & until grep -q 'stays up' out.txt; do sleep 0.2; done; cat out.txt
     url=$(grep -o 'http://[^ ]*' out.txt | head -n 1); curl -fsS "$url" -H 'content-type: application/json' -d '{"query": "{ stats { posts } }"}'`,
    await temporaryFolder(),
  );
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  expect(stdout).toMatch(/posts in .* a second/);
  expect(stdout).toMatch(/"stats":\{"posts":\d+\}/);
});

const scripted = blocks.slice(1);
const withServers = available().ok ? scripted : scripted.filter((block) => !block.includes('services'));

test('every other command of the README does what it says', { timeout: 240_000 }, async () => {
  expect(scripted.length).toBe(4);
  const { code, stdout, stderr } = await bash(withServers.join('\n'), await temporaryFolder());
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  const extractions = stdout.split('\n').filter((line) => line.startsWith('{"schema":1'));
  expect(extractions).toHaveLength(2);
  expect(stdout).toMatch(/stored +2\n/);
  expect(stdout).toMatch(/^[0-9a-f]{64}$/m);
  expect(stdout).toMatch(/"totalCount":[1-9]/);
  if (available().ok) {
    expect(stdout).toMatch(/extractions\.dlt: created/);
    expect(stdout).toMatch(/consuming: extract, upsert/);
  }
});
