import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { RunningCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The package as npm packs it, unpacked beside what it says it depends on, and nothing else. */
async function installed(): Promise<string> {
  const folder = await temporaryFolder();
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  const [packed = ''] = await readdir(folder);
  await run('tar', ['xzf', packed], { cwd: folder });
  const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object };
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link);
  }
  return join(folder, 'package');
}

test('the packed package serves the page and the API, and needs nothing it does not name', async () => {
  const folder = await installed();
  await using cli = new RunningCli(['serve', '--graph', 'sqlite:graph.db', '--port', '0'], {
    cli: join(folder, 'dist', 'cli.js'),
    cwd: folder,
  });
  const [url] = await cli.waitFor(/http:\/\/[^/\s]+/);
  const page = await (await fetch(url)).text();
  const files = [...page.matchAll(/(?:src|href)="(\/[^"]+\.[a-z]+)"/g)].map(([, file = '']) => file);
  expect(files.map((file) => file.replace(/^.*\./, '')).toSorted()).toEqual(['css', 'js', 'svg']);
  for (const file of files) expect((await fetch(`${url}${file}`)).status, file).toBe(200);
  const worker = (await readdir(join(folder, 'dist', 'web', 'assets'))).find((file) =>
    file.startsWith('layout-worker'),
  );
  expect((await fetch(`${url}/assets/${worker}`)).headers.get('content-type')).toContain('javascript');
  const asked = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ stats { posts } }' }),
  });
  expect(await asked.json()).toEqual({ data: { stats: { posts: 0 } } });
});
