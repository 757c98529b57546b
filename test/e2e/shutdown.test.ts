import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CLI, RunningCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo/posts.jsonl', import.meta.url));

/** A file that takes the model a good while. */
async function longFile(folder: string): Promise<string> {
  const posts = Array.from({ length: 4000 }, (_, i) =>
    JSON.stringify({
      id: String(i),
      platform: 'x',
      text: `Mara Lindqvist and Daniel Okafor of Harbour Robotics meet Ida Berg in Rotterdam and Bergen, day ${i}`,
      author: { id: `a${i % 50}` },
      createdAt: '2026-05-15T09:00:00Z',
    }),
  );
  const file = join(folder, 'long.jsonl');
  await writeFile(file, posts.join('\n'));
  return file;
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 0],
] as const)('%s while the model loads ends an ingest with %i and a summary', async (signal, code) => {
  const folder = await temporaryFolder();
  const file = await longFile(folder);
  await using run = new RunningCli(['ingest', file, '--graph', `sqlite:${join(folder, 'x.db')}`, '--json']);
  // The database file appears before the model is loaded.
  while (!(await readdir(folder)).includes('x.db')) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await run.end(signal)).toBe(code);
  expect(JSON.parse(run.stdout).posts).toBeLessThan(4000);
});

test('a drain whose time is over leaves the rest and still ends in order', async () => {
  const folder = await temporaryFolder();
  const file = await longFile(folder);
  const env = { DRAIN_MS: '1', WINDOW_RECORDS: '3000', MODEL_WORKERS: '1', LOG_LEVEL: 'debug' };
  await using run = new RunningCli(['ingest', file, '--graph', `sqlite:${join(folder, 'x.db')}`, '--json'], { env });
  await run.waitFor(/a batch was upserted/);
  expect(await run.end('SIGINT')).toBe(130);
  expect(JSON.parse(run.stdout).posts).toBeLessThan(3000);
});

test('a reader that has enough ends an extract without complaint', async () => {
  const child = spawn('bash', ['-c', `node "${CLI}" extract "${DEMO}" | head -n 1; echo "codes \${PIPESTATUS[*]}"`]);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await new Promise((resolve) => child.on('close', resolve));
  expect(stdout).toMatch(/^\{"schema":1.*\}\ncodes 0 0\n$/);
  expect(stderr).toBe('');
});
