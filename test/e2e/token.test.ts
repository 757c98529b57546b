import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const ask = (url: string, token?: string) =>
  fetch(`${url}?query=${encodeURIComponent('{ stats { posts } }')}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

async function open() {
  const folder = await temporaryFolder();
  const env = { API_TOKENS_DIR: join(folder, 'tokens'), GRAPH_URL: `sqlite:${join(folder, 'graph.db')}` };
  const token = async (...args: string[]) => runCli(['token', ...args], { env });
  return { env, token };
}

test('token create, list and revoke report as JSON', async () => {
  const { token } = await open();
  expect(await token('list', '--json')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const created = await token('create', '--name', 'dashboard', '--scope', 'write', '--expires-in', '90d', '--json');
  expect([created.code, created.stderr]).toEqual([0, '']);
  const { token: text, ...described } = JSON.parse(created.stdout);
  expect(described).toMatchObject({ name: 'dashboard', scopes: ['read', 'write'], ending: text.slice(-4) });
  expect(Date.parse(described.expiresAt) - Date.parse(described.createdAt)).toBeGreaterThan(89 * 86_400_000);
  expect(JSON.parse((await token('list', '--json')).stdout)).toEqual(described);
  const revoked = JSON.parse((await token('revoke', described.id, '--json')).stdout);
  expect(revoked).toMatchObject({ ...described, revokedAt: expect.any(String) });
  expect((await token('list', '--json')).stdout).toBe('');
  expect(JSON.parse((await token('list', '--all', '--json')).stdout)).toEqual(revoked);
});

test('token create prints the token alone, and list never', async () => {
  const { token } = await open();
  const { stdout, stderr } = await token('create', '--name', 'bot\u001b[2J');
  expect(stdout).toMatch(/^gv_[0-9a-f]{12}_[\w-]{43}\n$/);
  expect(stderr).not.toContain(stdout.trim());
  const listed = await token('list', '--all');
  expect(listed.stdout).toContain('read; ends in');
  expect(listed.stdout + listed.stderr + stderr).not.toContain('\u001b');
  expect(listed.stdout).not.toContain(stdout.trim());
});

test.each([
  ['no name', ['create']],
  ['an empty name', ['create', '--name', ' ']],
  ['an unknown scope', ['create', '--name', 'x', '--scope', 'all']],
  ['no length of time', ['create', '--name', 'x', '--expires-in', 'soon']],
  ['an id that is none', ['revoke', '../x']],
  ['an unknown id', ['revoke', '000000000000']],
])('token with %s is wrong usage', async (_, args) => {
  const { token } = await open();
  expect(await token(...args)).toMatchObject({ code: 2, stdout: '' });
});

test('serve listens elsewhere with a token only, and revoking needs no restart', async () => {
  const { env, token } = await open();
  const refused = await runCli(['serve', '--host', '0.0.0.0', '--port', '0'], { env });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('grapevine token create --name NAME') });
  const { id, token: text } = JSON.parse((await token('create', '--name', 'bot', '--json')).stdout);
  await using server = new RunningCli(['serve', '--host', '0.0.0.0', '--port', '0'], { env });
  const [, port] = await server.waitFor(/0\.0\.0\.0:(\d+)/);
  const url = `http://127.0.0.1:${port}/graphql`;
  expect([(await ask(url)).status, (await ask(url, text)).status]).toEqual([401, 200]);
  await token('revoke', id);
  expect((await ask(url, text)).status).toBe(401);
});
