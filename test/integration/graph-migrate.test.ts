import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../../src/graph/sqlite/connection.ts';
import { MIGRATIONS } from '../../src/graph/sqlite/migrations/index.ts';
import { runCli } from '../helpers/cli.ts';

describe('grapevine graph migrate', () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-migrate-'));
    path = join(folder, 'old.db');
    using connection = new Connection({ path, busyTimeoutMs: 100 });
    MIGRATIONS[0]?.apply(connection);
    connection.script('PRAGMA user_version = 1');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('an older graph is refused with the way out, migrated once, and then used', async () => {
    const graph = ['--graph', `sqlite:${path}`];
    const refused = await runCli(['graph', 'digest', ...graph]);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(`${path}: it has schema 1`);
    expect(refused.stderr).toContain('`grapevine graph migrate`');
    const migrated = await runCli(['graph', 'migrate', ...graph, '--json']);
    expect(migrated.code).toBe(0);
    const steps = MIGRATIONS.slice(1).map((step) => step.does);
    expect(JSON.parse(migrated.stdout)).toEqual({ from: 1, to: MIGRATIONS.length, steps });
    const again = await runCli(['graph', 'migrate', ...graph]);
    expect([again.code, again.stderr]).toEqual([0, `the graph has schema ${MIGRATIONS.length} already\n`]);
    expect((await runCli(['graph', 'digest', ...graph])).stdout).toMatch(/^[0-9a-f]{64}\n$/);
  });

  test('tells each step to people', async () => {
    {
      using connection = new Connection({ path: join(folder, 'other.db'), busyTimeoutMs: 100 });
      MIGRATIONS[0]?.apply(connection);
      connection.script('PRAGMA user_version = 1');
    }
    const { stderr } = await runCli(['graph', 'migrate', '--graph', `sqlite:${join(folder, 'other.db')}`]);
    expect(stderr).toContain(`schema 2: ${MIGRATIONS[1]?.does}\n`);
  });

  test('a graph that is not there is told, not made', async () => {
    const { code, stderr } = await runCli(['graph', 'migrate', '--graph', `sqlite:${join(folder, 'none.db')}`]);
    expect(code).toBe(1);
    expect(stderr).toContain('there is no graph at');
  });
});
