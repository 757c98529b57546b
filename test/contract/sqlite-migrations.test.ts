import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Connection } from '../../src/graph/sqlite/connection.ts';
import { MIGRATIONS } from '../../src/graph/sqlite/migrations/index.ts';
import { migrateSqliteGraph, sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { relayAll } from '../helpers/graph-adapters.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';

const NEWEST = MIGRATIONS.length;
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grapevine-migrations-'));
  path = join(folder, 'graph.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file as the Grapevine of that schema made it. */
function makeOld(version: number, rows = ''): void {
  using connection = new Connection({ path, busyTimeoutMs: 100 });
  for (const migration of MIGRATIONS.slice(0, version)) migration.apply(connection);
  connection.script(`${rows}; PRAGMA user_version = ${version}`);
}

function tables(file: string): readonly unknown[] {
  using connection = new Connection({ path: file, busyTimeoutMs: 100 });
  return connection.all("SELECT type, name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' ORDER BY type, name");
}

test.each(MIGRATIONS.slice(1).map((_, index) => index + 1))(
  'a file of schema %s is refused until it is migrated, and is then as good as a new one',
  async (version) => {
    makeOld(version);
    await expect(sqliteGraph({ path })).rejects.toMatchObject({
      code: 'GRAPH_OLDER',
      retryable: false,
      message: expect.stringContaining('grapevine graph migrate'),
    });
    expect(await migrateSqliteGraph({ path })).toMatchObject({ from: version, to: NEWEST });
    expect(await migrateSqliteGraph({ path })).toEqual({ from: NEWEST, to: NEWEST, steps: [] });
    const { store, reader } = await sqliteGraph({ path });
    expect(await store.replacePosts([memberPost(), deletionOf('2')])).toEqual(['created', 'deleted']);
    expect(await reader.stats()).toMatchObject({ facts: 1 });
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
    const fresh = join(folder, 'fresh.db');
    const other = await sqliteGraph({ path: fresh });
    await Promise.all([other.store[Symbol.asyncDispose](), other.reader[Symbol.asyncDispose]()]);
    expect(tables(path)).toEqual(tables(fresh));
  },
);

test('events of schema 1 keep their positions', async () => {
  const event = (seq: number) => `'{"key":"${seq}","kind":"fact.created"}'`;
  makeOld(
    1,
    `INSERT INTO outbox (key, position, published_ms, event)
       VALUES ('1', 1, 1, ${event(1)}), ('2', 2, NULL, ${event(2)}), ('3', NULL, NULL, ${event(3)});
     UPDATE meta SET value = '2'; INSERT INTO lease VALUES ('relay', 'old', 9000000000000000)`,
  );
  await migrateSqliteGraph({ path });
  const { store, reader } = await sqliteGraph({ path });
  expect((await reader.eventsAfter(0, 10)).map((found) => found.position)).toEqual([1, 2]);
  expect((await relayAll(store)).map((found) => found.position)).toEqual([2, 3]);
  await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
});

test('names of schema 2 are searchable after it', async () => {
  makeOld(
    2,
    `INSERT INTO entity VALUES ('e', 'PER', 'ada lind', 'Ada Lind', 1); INSERT INTO surface VALUES ('e', 'Ada Lind', 1)`,
  );
  await migrateSqliteGraph({ path });
  const { store, reader } = await sqliteGraph({ path });
  expect((await reader.entities({ search: 'lin' }, { first: 5 })).items.map(({ node }) => node.id)).toEqual(['e']);
  await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
});

test('neither a file that is not there nor one of a later Grapevine is migrated', async () => {
  await expect(migrateSqliteGraph({ path })).rejects.toMatchObject({ code: 'GRAPH_UNREACHABLE' });
  makeOld(NEWEST);
  {
    using connection = new Connection({ path, busyTimeoutMs: 100 });
    connection.script('PRAGMA user_version = 99');
  }
  await expect(migrateSqliteGraph({ path })).rejects.toMatchObject({ code: 'GRAPH_NEWER' });
});

test('two processes may make one file, and migrate one, at once', async () => {
  const graphs = await Promise.all([1, 2, 3].map(() => sqliteGraph({ path })));
  for (const { store, reader } of graphs) {
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  }
  await rm(folder, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'grapevine-migrations-'));
  path = join(folder, 'graph.db');
  makeOld(1);
  await Promise.all([1, 2].map(() => migrateSqliteGraph({ path })));
  expect(await migrateSqliteGraph({ path })).toMatchObject({ from: NEWEST });
});
