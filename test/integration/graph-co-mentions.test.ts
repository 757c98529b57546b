import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { memberPost } from '../helpers/graph-extractions.ts';

describe('grapevine graph co-mentions', () => {
  let folder: string;
  let graph: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-co-mentions-'));
    graph = ['--graph', `sqlite:${join(folder, 'graph.db')}`];
    const { store, reader } = await sqliteGraph({ path: join(folder, 'graph.db') });
    await store.replacePosts([memberPost({ id: '1' }), memberPost({ id: '2' }), memberPost({ id: '3', person: 'Bo' })]);
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('lists them for people and as JSON lines, most posts first', async () => {
    const name = 'harbour robotics';
    const text = await runCli(['graph', 'co-mentions', name, ...graph]);
    expect([text.code, text.stdout]).toEqual([0, '     2  Ada Lind (PER)\n     1  Bo (PER)\n']);
    const { stdout } = await runCli([
      'graph',
      'co-mentions',
      name,
      '--type',
      'ORG',
      '--limit',
      '1',
      '--json',
      ...graph,
    ]);
    const days = [{ day: '2026-01-01', posts: 2 }];
    expect(JSON.parse(stdout)).toMatchObject({ name: 'Ada Lind', type: 'PER', posts: 2, days });
    expect((await runCli(['graph', 'co-mentions', name, '--since', '2026-05-01', ...graph])).stdout).toBe('');
  });

  test('a name that no post gives, and a limit that is none, are told', async () => {
    const { code, stderr } = await runCli(['graph', 'co-mentions', 'Nobody', ...graph]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('"Nobody"')]);
    expect((await runCli(['graph', 'co-mentions', 'Bo', '--limit', '0', ...graph])).code).toBe(2);
  });
});
