import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { Connection } from '../../src/graph/sqlite/connection.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grapevine-sqlite-'));
  path = join(folder, 'graph.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const close = async ({ store, reader }: OpenGraph) => {
  await reader[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
};

test('what was written is there after the file is opened again', async () => {
  const first = await sqliteGraph({ path });
  await first.store.replacePosts([memberPost()]);
  await close(first);
  const second = await sqliteGraph({ path });
  expect(await second.reader.stats()).toMatchObject({ posts: 1, facts: 1 });
  await close(second);
});

test('rows that are inserted together are all there, in their order, and what is there already may be changed', () => {
  using connection = new Connection({ path, busyTimeoutMs: 100 });
  connection.script('CREATE TABLE t (place INTEGER PRIMARY KEY, id INTEGER UNIQUE, text TEXT)');
  const told = () => connection.all<{ id: number; text: string }>('SELECT id, text FROM t ORDER BY place');
  for (const count of [0, 1, 15, 16, 17, 47]) {
    connection.run('DELETE FROM t');
    const rows = Array.from({ length: count }, (_, index) => [1000 - index, `row ${index}`] as const);
    connection.insert('INSERT INTO t (id, text)', rows);
    expect(told()).toEqual(rows.map(([id, text]) => ({ id, text })));
  }
  const again = Array.from({ length: 20 }, (_, index) => [1000 - index, 'again']);
  connection.insert('INSERT INTO t (id, text)', again, 'ON CONFLICT (id) DO UPDATE SET text = excluded.text');
  expect(told().filter(({ text }) => text === 'again')).toHaveLength(20);
  expect(told()).toHaveLength(47);
});

test('a file of a later Grapevine is left alone', async () => {
  {
    using connection = new Connection({ path, busyTimeoutMs: 100 });
    connection.script('PRAGMA user_version = 99');
  }
  await expect(sqliteGraph({ path })).rejects.toMatchObject({ code: 'GRAPH_NEWER', retryable: false });
});

test('a file that is no database, and a folder that is not there, are told as such', async () => {
  await writeFile(path, 'no database at all, but long enough to be looked at '.repeat(50));
  for (const wrong of [path, join(folder, 'none', 'graph.db')]) {
    const opening = sqliteGraph({ path: wrong });
    await expect(opening).rejects.toMatchObject({ code: 'GRAPH_UNREACHABLE', message: expect.stringContaining(wrong) });
  }
});

test('what is not there is told: the file where it must be, else its folder', async () => {
  await expect(sqliteGraph({ path, mustExist: true })).rejects.toMatchObject({
    code: 'GRAPH_UNREACHABLE',
    message: `opening the graph: there is no graph at ${path}`,
  });
  expect(await readdir(folder)).toEqual([]);
  const none = join(folder, 'none');
  const opening = sqliteGraph({ path: join(none, 'graph.db') });
  await expect(opening).rejects.toThrow(`opening the graph at ${join(none, 'graph.db')}: the folder ${none} does not`);
  await close(await sqliteGraph({ path }));
  await close(await sqliteGraph({ path, mustExist: true }));
});

test.each([0, 1, 2, 99])('the database of something else, at version %s, stays as it is', async (version) => {
  {
    using connection = new Connection({ path, busyTimeoutMs: 100 });
    connection.script(`CREATE TABLE post (id INTEGER); PRAGMA user_version = ${version}`);
  }
  const before = await readFile(path);
  await expect(sqliteGraph({ path })).rejects.toMatchObject({
    code: 'GRAPH_UNREACHABLE',
    message: expect.stringContaining(`${path}: the file is a database, but no Grapevine graph`),
  });
  expect((await readFile(path)).equals(before)).toBe(true);
});

test('a batch that meets a transaction which does not end may be tried again', async () => {
  const graph = await sqliteGraph({ path, busyTimeoutMs: 50 });
  using other = new Connection({ path, busyTimeoutMs: 50 });
  other.script('BEGIN IMMEDIATE');
  await expect(graph.store.replacePosts([memberPost()])).rejects.toMatchObject({
    code: 'GRAPH_TRANSIENT',
    retryable: true,
  });
  expect((await graph.reader.stats()).posts).toBe(0);
  other.script('ROLLBACK');
  expect(await graph.store.replacePosts([memberPost()])).toEqual(['created']);
  await close(graph);
});

test('a deletion leaves nothing but the tombstone', async () => {
  const graph = await sqliteGraph({ path });
  await graph.store.replacePosts([memberPost({ id: '1', pictures: ['ok'] })]);
  await graph.store.replacePosts([deletionOf('1', '9')]);
  await close(graph);
  using connection = new Connection({ path, busyTimeoutMs: 100 });
  for (const table of ['image', 'mention', 'entity', 'surface', 'search_term', 'evidence', 'author']) {
    expect(connection.first(`SELECT count(*) AS count FROM ${table}`), table).toMatchObject({ count: 0 });
  }
  const post = connection.first<{ text: string; author_id: string | null }>('SELECT text, author_id FROM post');
  expect(post).toMatchObject({ text: '', author_id: null });
});

test('a fact keeps parts while it has much evidence', async () => {
  const graph = await sqliteGraph({ path });
  const ids = Array.from({ length: 257 }, (_, number) => `${number}`);
  using connection = new Connection({ path, busyTimeoutMs: 5000 });
  const count = (table: string) => connection.first<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)?.count;
  await graph.store.replacePosts(ids.slice(0, 256).map((id) => memberPost({ id, author: id })));
  expect([count('hot_fact'), count('hot_part')]).toEqual([0, 0]);
  await graph.store.replacePosts(ids.slice(256).map((id) => memberPost({ id, author: id })));
  expect([count('hot_fact'), count('hot_part')]).toEqual([1, 5 * 257]);
  await graph.store.replacePosts(ids.slice(0, 128).map((id) => deletionOf(id)));
  expect([count('hot_fact'), count('hot_part')]).toEqual([1, 5 * 129]);
  await graph.store.replacePosts([deletionOf('128')]);
  expect([count('hot_fact'), count('hot_part')]).toEqual([0, 0]);
  await close(graph);
});

test('calls after the end say that the graph is closed', async () => {
  const graph = await sqliteGraph({ path });
  await close(graph);
  await expect(graph.reader.stats()).rejects.toMatchObject({ code: 'CLOSED' });
});
