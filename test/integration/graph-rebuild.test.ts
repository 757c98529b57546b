import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { accountEvent, deletionOf, extractionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { kafkaBrokers, randomName, withoutKafka } from '../helpers/kafka-broker.ts';
import { makeProducer, Opened } from '../helpers/kafka-member.ts';

const AT = '2026-02-01T00:00:00.000Z';
const BEFORE = [memberPost({ id: '1' }), memberPost({ id: '2', author: 'b' }), memberPost({ id: 'gone', author: 'c' })];
/** Content comes before what takes it away, as it does in a topic. */
const SINCE = [
  extractionOf({ id: '1', version: '1', mentions: [['Bo', 'PER']] }),
  extractionOf({ id: 'late', mentions: [['Secret', 'PER']] }),
  deletionOf('late'),
  deletionOf('gone'),
  postEvent('2', 'post.dropped', AT),
  accountEvent('d', 'account.deleted', AT),
];
const linesOf = (records: readonly Extraction[]) => records.map((record) => JSON.stringify(record)).join('\n');

describe('grapevine graph rebuild', () => {
  let folder: string;
  let exported: string;
  let digest: string;
  const at = (name: string) => `sqlite:${join(folder, name)}`;
  const digestOf = async (name: string) => (await runCli(['graph', 'digest', '--graph', at(name)])).stdout.trim();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-rebuild-'));
    exported = join(folder, 'graph.jsonl');
    const { store, reader } = await sqliteGraph({ path: join(folder, 'old.db'), clock: () => 1000 });
    await store.replacePosts(BEFORE);
    const done = await runCli(['graph', 'export', '--format', 'jsonl', '--out', exported, '--graph', at('old.db')]);
    expect([done.code, done.stderr]).toEqual([0, `2 entities and 1 facts are in ${exported}\n`]);
    await store.replacePosts(SINCE);
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
    digest = await digestOf('old.db');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('an export alone gives the graph of then, with its times', async () => {
    const { code, stdout } = await runCli(['graph', 'rebuild', '--from', exported, '--graph', at('then.db'), '--json']);
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as object;
    expect(told).toMatchObject({ restored: { posts: 3, facts: 1 }, digest: await digestOf('then.db') });
    const { store, reader } = await sqliteGraph({ path: join(folder, 'then.db') });
    expect((await reader.facts({}, { first: 1 })).items[0]?.node).toMatchObject({ createdMs: 1000, evidenceCount: 3 });
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  });

  test('an export and the extractions since, or all extractions, give the graph of now', async () => {
    const since = join(folder, 'since.jsonl');
    await writeFile(since, `${linesOf([...BEFORE, ...SINCE])}\nno extraction\n`);
    const both = ['graph', 'rebuild', '--from', exported, '--extractions', since, '--graph', at('now.db')];
    const { code, stderr } = await runCli(both);
    expect(code).toBe(0);
    expect(stderr).toContain('3 posts and 1 facts of the export are back\n');
    expect(stderr).toMatch(/extractions: .*tombstoned 2/);
    expect(stderr).toMatch(/rejected: parse 1\n/);
    expect(stderr).toContain(`the graph's digest is ${digest}\n`);
    const alone = await runCli(['graph', 'rebuild', '--extractions', since, '--graph', at('alone.db'), '--json']);
    expect(JSON.parse(alone.stdout)).toMatchObject({ digest, replayed: { rejected: { parse: 1 } } });
    // What is gone was never there: not even its traces are in the file.
    expect((await readFile(join(folder, 'alone.db'))).includes('Secret')).toBe(false);
  });

  test('refuses a graph that holds something, no source, a broken export and standard input', async () => {
    const used = await runCli(['graph', 'rebuild', '--from', exported, '--graph', at('old.db')]);
    expect([used.code, used.stderr]).toEqual([2, expect.stringContaining('it holds something already')]);
    expect((await runCli(['graph', 'rebuild', '--graph', at('none.db')])).code).toBe(2);
    expect((await runCli(['graph', 'rebuild', '--extractions', '-', '--graph', at('none.db')])).code).toBe(2);
    const cut = join(folder, 'cut.jsonl');
    await writeFile(cut, (await readFile(exported, 'utf8')).split('\n').slice(0, 3).join('\n'));
    const broken = await runCli(['graph', 'rebuild', '--from', cut, '--graph', at('cut.db')]);
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('it is not whole')]);
  });

  test.skipIf(withoutKafka)('the topic gives the graph of now, and no group is left behind', async () => {
    const opened = new Opened();
    const name = randomName('rebuild');
    const env = {
      KAFKA_BROKERS: await kafkaBrokers(),
      KAFKA_TOPIC_POSTS: `${name}-posts`,
      KAFKA_TOPIC_EXTRACTIONS: `${name}-extractions`,
      KAFKA_TOPIC_EVENTS: `${name}-events`,
    };
    expect((await runCli(['topics', 'create'], { env })).code).toBe(0);
    const producer = await makeProducer(opened);
    for (const record of [...BEFORE, ...SINCE]) {
      await producer.send({ topic: env.KAFKA_TOPIC_EXTRACTIONS, key: 'a', value: JSON.stringify(record) });
    }
    const args = [
      'graph',
      'rebuild',
      '--from',
      exported,
      '--extractions',
      'topic',
      '--graph',
      at('topic.db'),
      '--json',
    ];
    const { code, stdout, stderr } = await runCli(args, { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ digest, restored: { posts: 3 } });
    await opened.release();
  });
});
