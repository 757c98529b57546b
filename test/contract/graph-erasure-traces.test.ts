import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import { FolderPictureStore } from '../../src/graph/pictures/folder-picture-store.ts';
import { Connection } from '../../src/graph/sqlite/connection.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { relayAll } from '../helpers/graph-adapters.ts';
import { accountEvent, deletionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { askNeo4j, neo4jAdapter, serverFromEnvironment } from '../helpers/graph-servers.ts';

const SECRETS = ['zqauthor', 'zqhandle', 'zqname', 'zqwords', 'zqperson', 'zqclub', 'zqpicture', 'zqnative', 'zqurl'];
const SHA = 'ab'.repeat(32);
const NOON = '2026-01-02T12:00:00Z';

/** Posts of the author to be erased, live, hidden, edited and deleted, among those of another. */
function history(): readonly Extraction[] {
  const own = (id: string, version = '0'): Extraction => {
    const extraction = memberPost({
      id: `zqnative${id}`,
      author: 'zqauthor',
      version,
      person: `zqperson ${id} ${version}`,
      organisation: 'zqclub',
      words: `zqwords of today ${id} ${version} about`,
    });
    const post = {
      ...extraction.post,
      url: `https://zqurl.example/${id}`,
      author: { id: 'zqauthor', handle: '@zqhandle', name: 'zqname' },
    } as Extraction['post'];
    return { ...extraction, post, images: [{ source: 'zqpicture.jpg', sha256: SHA, outcome: 'ok' }] };
  };
  const posts = Array.from({ length: 40 }, (_, index) => own(`${index}`));
  const others = Array.from({ length: 40 }, (_, index) => memberPost({ id: `${index}`, author: `other ${index % 7}` }));
  return [
    ...posts.flatMap((post, index) => [post, others[index] as Extraction]),
    own('1', '2'),
    deletionOf('zqnative2'),
    postEvent('zqnative3', 'post.dropped', NOON),
    accountEvent('zqauthor', 'account.protected', NOON),
    own('50'),
    accountEvent('zqauthor', 'account.active', '2026-01-03T12:00:00Z'),
    own('51'),
  ];
}

function secretsIn(text: Buffer | string): readonly string[] {
  const bytes = Buffer.from(text).toString('latin1').toLowerCase();
  return SECRETS.filter((secret) => bytes.includes(secret));
}

describe('what is left of an erased author', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-erasure-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function secretsInFiles(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const name of await readdir(folder, { recursive: true })) {
      const path = join(folder, name);
      const content = (await stat(path)).isFile() ? await readFile(path) : '';
      for (const secret of [...secretsIn(content), ...secretsIn(name)]) found.push(`${name}: ${secret}`);
    }
    return found;
  }

  test('is in no byte of the SQLite files, no picture, no event and no export', async () => {
    const path = join(folder, 'graph.db');
    const pictures = join(folder, 'pictures');
    await new FolderPictureStore(pictures).put(SHA, Buffer.from('zqpicture'));
    const { store, reader } = await sqliteGraph({ path });
    for (let at = 0; at < history().length; at += 9) await store.replacePosts(history().slice(at, at + 9));
    await relayAll(store);
    expect(new Set((await secretsInFiles()).map((line) => line.split(': ')[1]))).toEqual(new Set(SECRETS));
    const env = { PICTURE_STORE: `folder:${pictures}` };
    const args = ['graph', 'erase-author', 'native', 'zqauthor', '--graph', `sqlite:${path}`, '--json'];
    const { code, stdout } = await runCli([...args, '--yes'], { env });
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { platform: 'native', id: 'zqauthor', posts: 41, pictures: 1 },
    ]);
    // While this process has the file open, and after it has closed it.
    expect(await secretsInFiles()).toEqual([]);
    expect(secretsIn(JSON.stringify(await reader.eventsAfter(0, 10_000)))).toEqual([]);
    expect((await reader.stats()).posts).toBe(40);
    await relayAll(store);
    await store.replacePosts(history());
    await store[Symbol.asyncDispose]();
    await reader[Symbol.asyncDispose]();
    expect(await secretsInFiles()).toEqual([]);
    for (const format of ['graphml', 'jsonl']) {
      const exported = join(folder, `graph.${format}`);
      await runCli(['graph', 'export', '--format', format, '--out', exported, '--graph', `sqlite:${path}`]);
      expect((await stat(exported)).size).toBeGreaterThan(100);
    }
    expect(await secretsInFiles()).toEqual([]);
  });

  test('a process that reads the file in one long transaction is told of, and erasing again succeeds', async () => {
    const path = join(folder, 'graph.db');
    const { store, reader } = await sqliteGraph({ path, busyTimeoutMs: 50 });
    await store.replacePosts(history());
    {
      using other = new Connection({ path, busyTimeoutMs: 50 });
      other.script('BEGIN');
      other.all('SELECT count(*) FROM post');
      await expect(store.eraseAuthor({ platform: 'native', id: 'zqauthor' })).rejects.toMatchObject({
        code: 'GRAPH_TRANSIENT',
        message: expect.stringContaining('erase again'),
      });
      other.script('ROLLBACK');
    }
    await store.eraseAuthor({ platform: 'native', id: 'zqauthor' });
    expect(await secretsInFiles()).toEqual([]);
    await store[Symbol.asyncDispose]();
    await reader[Symbol.asyncDispose]();
  });

  test('without --yes nothing is erased', async () => {
    const args = ['graph', 'erase-author', 'native', 'zqauthor', '--graph', `sqlite:${join(folder, 'graph.db')}`];
    const { code, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
  });

  const server = serverFromEnvironment();
  test.skipIf(!server)('is in no property, label or type of Neo4j', async () => {
    if (!server) return;
    await using database = await neo4jAdapter(server).database({ nowMs: 1000 });
    const { store } = await database.open();
    for (let at = 0; at < history().length; at += 9) await store.replacePosts(history().slice(at, at + 9));
    await relayAll(store);
    const everything = async () => {
      const nodes = await askNeo4j(server, 'MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties');
      const edges = await askNeo4j(server, 'MATCH ()-[r]->() RETURN type(r) AS type, properties(r) AS properties');
      return JSON.stringify([nodes, edges]);
    };
    expect(secretsIn(await everything())).toEqual(SECRETS);
    expect(await store.eraseAuthor({ platform: 'native', id: 'zqauthor' })).toMatchObject({ posts: 41, pictures: 1 });
    expect(secretsIn(await everything())).toEqual([]);
    await store.replacePosts(history());
    expect(secretsIn(await everything())).toEqual([]);
  });
});
