import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What the linter says about one file of a tree that holds nothing else. */
async function lint(path: string, code: string): Promise<{ ok: boolean; output: string }> {
  const folder = await temporaryFolder();
  await copyFile(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), code);
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--deny-warnings'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { ok: status === 0, output: stdout };
}

const use = (specifier: string) => `import { thing } from '${specifier}';\n\nexport const other = thing;\n`;

test.each([
  ['src/domain/x.ts', '../errors.ts'],
  ['src/domain/x.ts', '../graph/graph-store.ts'],
  ['src/client/x.ts', '../domain/post.ts'],
  ['src/client/x.ts', 'node:http'],
  ['src/telemetry/x.ts', '../graph/graph-store.ts'],
  ['src/threads/x.ts', '../domain/post.ts'],
  ['src/network/x.ts', '../consumers/extract.ts'],
  ['src/access/x.ts', '../api/gate.ts'],
  ['src/access/x.ts', '../graph/graph-store.ts'],
  ['src/access/folder/x.ts', '../../config.ts'],
  ['src/access/jwt/x.ts', '../../network/guarded-agent.ts'],
  ['src/api/x.ts', '../access/folder/folder-token-store.ts'],
  ['src/api/x.ts', '../access/jwt/jwt-credentials.ts'],
  ['src/commands/x.ts', '../access/jwt/jwt-keys.ts'],
  ['src/consumers/x.ts', '../access/folder/folder-token-store.ts'],
  ['src/consumers/http/x.ts', '../../access/jwt/jwt-credentials.ts'],
  ['src/consumers/x.ts', '../graph/pictures/s3-picture-store.ts'],
  ['src/model/x.ts', '../graph/graph-store.ts'],
  ['src/model/hvpnet/x.ts', '../../consumers/extract.ts'],
  ['src/graph/x.ts', '../model/extractor.ts'],
  ['src/graph/sqlite/x.ts', '../../api/server.ts'],
  ['src/graph/x.ts', '../config.ts'],
  ['src/graph/x.ts', '../settings/graph.ts'],
  ['src/consumers/x.ts', '../api/server.ts'],
  ['src/consumers/x.ts', '../graph/sqlite/sqlite-graph.ts'],
  ['src/consumers/kafka/x.ts', '../../graph/neo4j/neo4j-graph.ts'],
  ['src/consumers/x.ts', '../model/hvpnet-extractor.ts'],
  ['src/consumers/x.ts', '../config.ts'],
  ['src/api/x.ts', '../consumers/extract.ts'],
  ['src/api/resolvers/x.ts', '../../graph/sqlite/sqlite-graph.ts'],
  ['src/api/x.ts', '../main.ts'],
  ['src/commands/x.ts', '../graph/sqlite/sqlite-graph.ts'],
  ['src/commands/x.ts', '../api/server.ts'],
  ['src/commands/x.ts', '../consumers/kafka/kafka-producer.ts'],
])('%s must not import %s', async (path, specifier) => {
  const { ok, output } = await lint(path, use(specifier));
  expect(ok).toBe(false);
  expect(output).toContain('no-restricted-imports');
});

test.each([
  ['src/consumers/x.ts', '../graph/graph-store.ts'],
  ['src/access/jwt/x.ts', '../caller.ts'],
  ['src/access/jwt/x.ts', '../../errors.ts'],
  ['src/api/x.ts', '../access/credentials.ts'],
  ['src/consumers/http/x.ts', '../../access/metrics-guard.ts'],
  ['src/api/resolvers/x.ts', '../../graph/graph-reader.ts'],
  ['src/graph/sqlite/x.ts', '../../domain/post.ts'],
  ['src/model/x.ts', '../errors.ts'],
  ['src/commands/x.ts', '../main.ts'],
  ['src/main.ts', './graph/sqlite/sqlite-graph.ts'],
])('%s may import %s', async (path, specifier) => {
  expect(await lint(path, use(specifier))).toMatchObject({ ok: true });
});

test('only the configuration reads the environment', async () => {
  const code = 'export const port = process.env["PORT"];\n';
  expect((await lint('src/graph/x.ts', code)).ok).toBe(false);
  expect((await lint('src/config.ts', code)).ok).toBe(true);
});
