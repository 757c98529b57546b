import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { available, ensureJars, javaCommand } from '../../scripts/servers/jars.mjs';
import { startNeo4j } from '../../scripts/servers/neo4j.mjs';
import { digest } from '../../src/graph/digest.ts';
import { neo4jGraph } from '../../src/graph/neo4j/neo4j-graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { accountEvent, deletionOf, memberPost } from '../helpers/graph-extractions.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';

const [EXPORT = '', COPY = '', DUMP = '', LOAD = ''] = scriptsOf('docs/backup.md');

async function fill({ store, reader }: OpenGraph): Promise<string> {
  await store.replacePosts([
    memberPost({ id: '1' }),
    memberPost({ id: '2', author: 'b' }),
    accountEvent('b', 'account.suspended', '2026-02-01T00:00:00Z'),
    deletionOf('3', '7'),
  ]);
  return digest(reader);
}

async function close({ store, reader }: OpenGraph): Promise<void> {
  await reader[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
}

describe('the page of backups', () => {
  test('its commands bring back a SQLite graph', async () => {
    const folder = await temporaryFolder();
    const graph = await sqliteGraph({ path: join(folder, 'news.db') });
    const expected = await fill(graph);
    // In use while it is exported, closed before it is copied.
    const exported = await bash(EXPORT, folder);
    expect(`${exported.code} ${exported.stderr}`).toMatch(/^0 /);
    expect(exported.stdout).toBe(`${expected}\n${expected}\n`);
    await close(graph);
    await mkdir(join(folder, 'pictures'));
    await writeFile(join(folder, 'pictures', 'a.webp'), 'x');
    const copied = await bash(COPY, folder);
    expect([copied.code, copied.stdout]).toEqual([0, `${expected}\n`]);
  });

  test.skipIf(!available().ok)('its commands bring back a Neo4j graph', { timeout: 600_000 }, async () => {
    const folder = await temporaryFolder();
    const homes = [join(folder, 'old'), join(folder, 'new')] as const;
    for (const home of homes) await mkdir(join(home, 'conf'), { recursive: true });
    const admin = join(await ensureJars('neo4j'), '*');
    const shim = `neo4j-admin() { "${javaCommand()}" -cp "${admin}" org.neo4j.cli.AdminTool "$@"; }\n`;
    const withHome = (home: string) => ({ NEO4J_HOME: home, NEO4J_CONF: join(home, 'conf') });

    const first = await startNeo4j({ dataDir: homes[0] });
    const graph = await neo4jGraph(first);
    const expected = await fill(graph);
    await close(graph);
    await first.stop();
    const dumped = await bash(shim + DUMP, folder, withHome(homes[0]));
    expect(`${dumped.code} ${dumped.stdout}${dumped.stderr}`).toMatch(/^0 /);
    const loaded = await bash(shim + LOAD, folder, withHome(homes[1]));
    expect(`${loaded.code} ${loaded.stdout}${loaded.stderr}`).toMatch(/^0 /);

    const second = await startNeo4j({ dataDir: homes[1] });
    try {
      const restored = await neo4jGraph(second);
      expect(await digest(restored.reader)).toBe(expected);
      expect(await restored.store.replacePosts([memberPost({ id: '1' })])).toEqual(['unchanged']);
      expect(await restored.reader.countEntities({ search: 'ada' })).toBe(1);
      await close(restored);
    } finally {
      await second.stop();
    }
  });
});
