import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderPictureStore } from '../../src/graph/pictures/folder-picture-store.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { memberPost } from '../helpers/graph-extractions.ts';

const [SHARED, ALONE] = ['aa'.repeat(32), 'bb'.repeat(32)];
const DAY_MS = 86_400_000;

describe('grapevine graph prune', () => {
  let folder: string;
  let graph: string[];
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-prune-'));
    const path = join(folder, 'graph.db');
    graph = ['--graph', `sqlite:${path}`];
    env = { PICTURE_STORE: `folder:${join(folder, 'pictures')}` };
    await using pictures = new FolderPictureStore(join(folder, 'pictures'));
    for (const sha256 of [SHARED, ALONE]) await pictures.put(sha256, Buffer.from('x'));
    const { store, reader } = await sqliteGraph({ path });
    const post = (id: string, days: number, ...hashes: readonly string[]) => ({
      ...memberPost({ id, at: new Date(Date.now() - days * DAY_MS).toISOString(), organisation: `Org ${id}` }),
      images: hashes.map((sha256) => ({ source: 'a.jpg', sha256, outcome: 'ok' as const })),
    });
    await store.replacePosts([post('1', 100, SHARED, ALONE), post('2', 91), post('3', 1, SHARED)]);
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('says what would go, then removes it with what only it had', async () => {
    const dry = await runCli(['graph', 'prune', '--older-than', '90d', '--dry-run', ...graph], { env });
    expect([dry.code, dry.stderr]).toEqual([0, '2 posts would go\n']);
    const { code, stdout } = await runCli(['graph', 'prune', '--older-than', '90d', '--json', ...graph], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ dryRun: false, posts: 2, facts: 2, pictures: 1 });
    const files = await readdir(join(folder, 'pictures'), { recursive: true });
    expect(files.filter((name) => name.endsWith('.webp'))).toEqual([expect.stringContaining(SHARED)]);
    const again = await runCli(['graph', 'prune', '--older-than', '90d', ...graph], { env });
    expect(again.stderr).toBe('0 posts, 0 facts and 0 pictures went\n');
  });

  test('refuses a time that is none, and none at all', async () => {
    expect((await runCli(['graph', 'prune', '--older-than', 'long ago', ...graph])).code).toBe(2);
    expect((await runCli(['graph', 'prune', ...graph])).code).toBe(2);
  });
});
