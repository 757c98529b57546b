import { beforeAll, describe, expect, it } from 'vitest';
import { KafkaDeadLetters } from '../../src/consumers/kafka/kafka-dead-letters.ts';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { runCli } from '../helpers/cli.ts';
import { kafkaBrokers, makeTopicsNamed, randomName, withAdmin, withoutKafka } from '../helpers/kafka-broker.ts';
import { makeProducer, makeSource, Opened, textOf } from '../helpers/kafka-member.ts';

const opened = new Opened();

describe.skipIf(withoutKafka)('grapevine dead-letters', () => {
  const posts = randomName('posts');
  const extractions = randomName('extractions');
  const bytes = Buffer.from([0xff, 0x00, 0x7b]);
  const prefix = randomName('group');
  let env: Record<string, string>;

  const listed = async (...options: string[]) => {
    const { code, stdout, stderr } = await runCli(['dead-letters', 'list', '--json', ...options], { env });
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { class: string; key: string; replayed: boolean; offset: number });
  };
  const replay = (...options: string[]) => runCli(['dead-letters', 'replay', ...options], { env });

  beforeAll(async () => {
    env = {
      KAFKA_BROKERS: await kafkaBrokers(),
      KAFKA_TOPIC_POSTS: posts,
      KAFKA_TOPIC_EXTRACTIONS: extractions,
      KAFKA_GROUP_PREFIX: prefix,
    };
    await makeTopicsNamed([posts, extractions], 2);
    await makeTopicsNamed([`${posts}.dlt`, `${extractions}.dlt`], 2);
    const producer = await makeProducer(opened);
    const letter = async (topic: string, key: string, reason: string) => {
      const record: SourceRecord = {
        key: Buffer.from(key),
        value: bytes,
        headers: { keep: Buffer.from([1]), twice: ['a', 'b'] },
        position: `${topic}/0@7`,
        timestampMs: 1_700_000_000_000,
        done() {},
      };
      const stage = topic === posts ? 'extract' : 'upsert';
      const office = new KafkaDeadLetters({ producer, topic });
      await office.write({ ...record, topic, partition: 0, offset: 7 } as SourceRecord, {
        reason,
        stage,
        message: `no good\u001b[31m, ${key}`,
      });
    };
    for (const [topic, key, reason] of [
      [posts, 'a', 'parse'],
      [posts, 'b', 'schema'],
      [extractions, 'c', 'sink_reject'],
      [posts, 'd', 'parse'],
    ] as const) {
      await letter(topic, key, reason);
    }
    return () => opened.release();
  });

  it('lists them by class, stage and time, as text that moves no cursor and as JSON', async () => {
    expect((await listed()).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
    expect((await listed('--class', 'parse')).map(({ key }) => key)).toEqual(['a', 'd']);
    expect((await listed('--stage', 'upsert')).map(({ key }) => key)).toEqual(['c']);
    expect(await listed('--until', '1h')).toEqual([]);
    expect(await listed('--since', '1h', '--limit', '2')).toHaveLength(2);
    expect(await listed('--since', '2100-01-01')).toEqual([]);
    const [first] = await listed('--limit', '1');
    expect(first).toMatchObject({
      topic: `${posts}.dlt`,
      class: 'parse',
      stage: 'extract',
      message: 'no good\u001b[31m, a',
      from: { topic: posts, partition: 0, offset: 7 },
      bytes: 3,
      replayed: false,
    });
    const { stdout, stderr } = await runCli(['dead-letters', 'list'], { env });
    expect(stdout).toContain('extract parse: no good [31m, a');
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toContain('4 dead letters: parse 2, ');
  });

  it('sends nothing in a dry run', async () => {
    const { code, stdout } = await replay('--dry-run');
    expect(code).toBe(0);
    expect(stdout.match(/would be sent back to/g)).toHaveLength(4);
    const offsets = await withAdmin((admin) => admin.fetchTopicOffsets(posts));
    expect(offsets.every(({ high }) => high === '0')).toBe(true);
  });

  it('sends those that are meant back once, with bytes, key and headers as they were', async () => {
    const { code, stdout } = await replay('--class', 'parse', '--json', '--rate', '20');
    expect([code, JSON.parse(stdout)]).toEqual([0, { found: 2, replayed: 2, dryRun: false }]);
    const { source } = await makeSource(opened, posts, randomName('g'));
    const records: SourceRecord[] = [];
    await source.run(async (record) => {
      if (records.push(record) === 2) source.stop();
    });
    expect(records.map(({ key }) => String(key)).toSorted()).toEqual(['a', 'd']);
    for (const record of records) {
      expect(Buffer.from(record.value ?? [])).toEqual(bytes);
      const headers = Object.entries(record.headers).map(([name, value]) => [name, String(value)]);
      expect(Object.fromEntries(headers)).toEqual({
        keep: '\u0001',
        twice: 'a,b',
        'x-original-topic': posts,
        'x-original-partition': '0',
        'x-original-offset': '7',
        'x-original-timestamp': '1700000000000',
        'x-replayed-from': expect.stringMatching(new RegExp(`^${posts}\\.dlt/\\d@\\d+$`)),
      });
    }
    expect(textOf(records[0] as SourceRecord)).toBe(bytes.toString());

    expect((await listed()).map(({ key }) => key)).toEqual(['b', 'c']);
    expect((await listed('--replayed')).map(({ key, replayed }) => [key, replayed])).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
      ['d', true],
    ]);
    expect(JSON.parse((await replay('--class', 'parse', '--json')).stdout)).toMatchObject({ found: 0, replayed: 0 });
    expect(JSON.parse((await replay('--class', 'parse', '--again', '--json')).stdout)).toMatchObject({ replayed: 2 });
  });

  it('leaves no consumer group behind', async () => {
    const { groups } = await withAdmin((admin) => admin.listGroups());
    expect(groups.filter(({ groupId }) => groupId.startsWith(prefix))).toEqual([]);
  });

  it.each([
    [['list', '--since', 'yesterday'], 'expected a date'],
    [['list', '--stage', 'alert'], 'expected extract or upsert'],
    [['replay', '--rate', '0'], 'above zero'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await runCli(['dead-letters', ...options], { env });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('names a topic that is missing', async () => {
    const { code, stderr } = await runCli(['dead-letters', 'list'], {
      env: { ...env, KAFKA_TOPIC_POSTS: randomName('no') },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('grapevine topics create');
  });
});
