import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import {
  committedOffsets,
  kafkaBrokers,
  makeTopics,
  randomName,
  withAdmin,
  withoutKafka,
} from '../helpers/kafka-broker.ts';
import { counterOf, makeProducer, makeSource, Opened, textOf } from '../helpers/kafka-member.ts';
import { patiently } from '../helpers/patiently.ts';

const opened = new Opened();
const waitUpTo = (timeout: number) => ({ timeout, interval: 50 });

afterEach(() => opened.release());

/** Sends the numbers from `from` to `to`, `to` not included, one key each. */
async function sendNumbers(topic: string, from: number, to: number): Promise<void> {
  const producer = await makeProducer(opened);
  const numbers = Array.from({ length: to - from }, (_, i) => String(from + i));
  await Promise.all(numbers.map((value) => producer.send({ topic, key: value, value })));
}

/** Starts a reader in a process of its own; it ends with the test. */
async function startReader(topic: string, group: string, finishBelow: number) {
  const script = fileURLToPath(new URL('../helpers/kafka-reader-process.ts', import.meta.url));
  const args = ['--import', 'tsx', script, await kafkaBrokers(), topic, group, String(finishBelow)];
  const reader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(reader, 'exit');
  const printed: number[] = [];
  createInterface({ input: reader.stdout }).on('line', (line) => printed.push(Number(line)));
  const kill = async (signal: NodeJS.Signals) => {
    reader.kill(signal);
    if (signal === 'SIGKILL') await exited;
  };
  opened.add({ [Symbol.asyncDispose]: () => kill('SIGKILL') });
  return { child: { kill }, printed };
}

const numbersOf = (records: readonly SourceRecord[]) => records.map((record) => Number(textOf(record)));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

async function blockLongerThanSession(partitions: number): Promise<void> {
  const [topic = ''] = await makeTopics(1, partitions);
  await sendNumbers(topic, 0, 300);
  const queue = { records: 20, bytes: 1 << 20 };
  const { source, telemetry } = await makeSource(opened, topic, randomName('g'), { queue });
  const seen: SourceRecord[] = [];
  const gate = new AbortController();
  void source.run(async (record) => {
    seen.push(record);
    record.done();
    if (!gate.signal.aborted) await once(gate.signal, 'abort');
  });
  await expect.poll(() => source.health.paused, waitUpTo(20_000)).toBe(true);
  await sleep(9_000);
  expect(seen).toHaveLength(1);
  gate.abort();
  await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(300);
  expect(sorted(numbersOf(seen))).toEqual(range(0, 300));
  expect(await counterOf(telemetry, 'grapevine_rebalances_total')).toBe(1);
  expect(await counterOf(telemetry, 'grapevine_redeliveries_dropped_total')).toBe(0);
}

describe.skipIf(withoutKafka)('KafkaRecordSource on a real broker', () => {
  it('reads from the beginning, commits what is done, and resumes there', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await sendNumbers(topic, 0, 100);

    const first = await makeSource(opened, topic, group);
    const seen: SourceRecord[] = [];
    const running = first.source.run(async (record) => {
      seen.push(record);
      if (seen.length <= 60) record.done();
    });
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(100);
    expect(numbersOf(seen)).toEqual(range(0, 100));
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual({ 0: 60 });
    expect(first.source.health).toMatchObject({ joined: true, pending: 40, queuedRecords: 0 });
    first.source.stop();
    await running;
    // Work that ends after the stop still counts.
    for (const record of seen.slice(60, 70)) record.done();
    await first.source[Symbol.asyncDispose]();
    expect(await committedOffsets(group, topic)).toEqual({ 0: 70 });

    const second = await makeSource(opened, topic, group);
    const again: SourceRecord[] = [];
    void second.source.run(async (record) => void again.push(record));
    await expect.poll(() => again.length, waitUpTo(20_000)).toBe(30);
    expect(numbersOf(again)).toEqual(range(70, 100));
  });

  it('delivers keys, headers, timestamps and null values as they are', async () => {
    const [topic = ''] = await makeTopics(1);
    const producer = await makeProducer(opened);
    const headers = { plain: 'a', bytes: Buffer.from([0, 255]), twice: ['b', Buffer.from('c')] };
    await producer.send({ topic, key: Buffer.from([1, 2, 0]), value: null, headers });
    const { source } = await makeSource(opened, topic, randomName('g'));
    const seen: SourceRecord[] = [];
    void source.run(async (record) => void seen.push(record));
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(1);
    const [record] = seen;
    expect(record?.value).toBeNull();
    expect(Buffer.from(record?.key ?? [])).toEqual(Buffer.from([1, 2, 0]));
    expect(record?.headers).toEqual({
      plain: Buffer.from('a'),
      bytes: Buffer.from([0, 255]),
      twice: [Buffer.from('b'), Buffer.from('c')],
    });
    expect(record?.position).toBe(`${topic}/0@0`);
    expect(Math.abs((record?.timestampMs ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('loses nothing when its process is killed: what was not done is delivered again', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await sendNumbers(topic, 0, 200);
    const { child, printed } = await startReader(topic, group, 50);
    await expect.poll(() => printed.length, waitUpTo(30_000)).toBe(200);
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual({ 0: 50 });
    await child.kill('SIGKILL');
    const { source } = await makeSource(opened, topic, group);
    const seen: SourceRecord[] = [];
    void source.run(async (record) => void seen.push(record));
    await expect.poll(() => seen.length, waitUpTo(30_000)).toBe(150);
    expect(numbersOf(seen)).toEqual(range(50, 200));
  });

  it('lets a process that was taken for dead and comes back commit nothing late', async () => {
    const [topic = ''] = await makeTopics(1, 2);
    const group = randomName('g');
    const committed = async () =>
      Object.values(await committedOffsets(group, topic)).reduce((sum, offset) => sum + offset, 0);
    await sendNumbers(topic, 0, 200);
    const { child, printed } = await startReader(topic, group, 50);
    await expect.poll(() => printed.length, waitUpTo(30_000)).toBe(200);
    await expect.poll(committed, waitUpTo(10_000)).toBe(50);
    await child.kill('SIGSTOP');
    await sendNumbers(topic, 200, 300);
    const { source, telemetry } = await makeSource(opened, topic, group);
    const seen: SourceRecord[] = [];
    void source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    await expect.poll(committed, waitUpTo(30_000)).toBe(300);
    expect(sorted(numbersOf(seen))).toEqual(range(50, 300));
    // Both signals wait for the stopped process: it finishes all it held the moment it goes on, and joins again.
    await child.kill('SIGUSR2');
    await child.kill('SIGCONT');
    await expect.poll(() => counterOf(telemetry, 'grapevine_rebalances_total'), waitUpTo(20_000)).toBe(2);
    await sleep(1_000);
    expect(source.health.partitions).toHaveLength(1);
    expect(await committed()).toBe(300);
  });

  it('tells its successor what is finished above a record that is not', async () => {
    const [topic = ''] = await makeTopics(1);
    const groupId = randomName('g');
    const producer = await makeProducer(opened);
    await Promise.all(['0', '1', '2', '3', '4'].map((value) => producer.send({ topic, key: 'k', value })));
    const first = await makeSource(opened, topic, groupId);
    const left = new Promise<void>((resolve) => {
      void first.source.run(async (record) => {
        if (textOf(record) !== '1') record.done();
        if (textOf(record) === '4') resolve();
      });
    });
    await left;
    await first.source[Symbol.asyncDispose]();
    expect((await committedOffsets(groupId, topic))[0]).toBe(1);
    await producer.send({ topic, key: 'k', value: '5' });
    const second = await makeSource(opened, topic, groupId);
    const values: string[] = [];
    await second.source.run(async (record) => {
      values.push(textOf(record));
      record.done();
      if (values.length === 2) second.source.stop();
    });
    await second.source[Symbol.asyncDispose]();
    expect(values).toEqual(['1', '5']);
    expect((await committedOffsets(groupId, topic))[0]).toBe(6);
  });

  it('shares partitions with a second member: drops what comes again, fences what it lost, loses nothing', async () => {
    const [topic = ''] = await makeTopics(1, 4);
    const group = randomName('g');
    await sendNumbers(topic, 0, 400);
    const finished = new Set<number>();
    const open: SourceRecord[] = [];
    const first = await makeSource(opened, topic, group);
    void first.source.run(async (record) => void open.push(record));
    await expect.poll(() => open.length, waitUpTo(20_000)).toBe(400);

    // Nothing is done yet, so everything comes again: kept partitions here, lost ones at the second member.
    const second = await makeSource(opened, topic, group);
    const others: SourceRecord[] = [];
    void second.source.run(async (record) => {
      others.push(record);
      finished.add(Number(textOf(record)));
      record.done();
    });
    await expect.poll(() => second.source.health.partitions.length, waitUpTo(20_000)).toBe(2);
    await expect
      .poll(() => counterOf(first.telemetry, 'grapevine_redeliveries_dropped_total'), waitUpTo(20_000))
      .toBeGreaterThan(0);
    await sendNumbers(topic, 400, 500);
    await expect.poll(() => new Set([...numbersOf(open), ...numbersOf(others)]).size, waitUpTo(20_000)).toBe(500);
    expect(numbersOf(open)).toHaveLength(new Set(numbersOf(open)).size);

    // Late results of lost partitions must not be committed over the second member's.
    const before = await committedOffsets(group, topic);
    const kept = new Set(first.source.health.partitions.map(({ partition }) => partition));
    for (const record of open) {
      record.done();
      const partition = Number(/\/(\d+)@/.exec(record.position)?.[1]);
      if (kept.has(partition)) finished.add(Number(textOf(record)));
    }
    const ends = Object.fromEntries(
      (await withAdmin((admin) => patiently(() => admin.fetchTopicOffsets(topic)))).map(({ partition, high }) => [
        partition,
        Number(high),
      ]),
    );
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual(ends);
    expect(Object.values(before)).not.toEqual(Object.values(ends));
    expect(sorted(finished)).toEqual(range(0, 500));
    const lost = await counterOf(first.telemetry, 'grapevine_rebalances_total');
    expect(lost).toBe(2);
  });

  it('stays in its group while accept blocks longer than the session time-out', async () => {
    // One partition is paused and idle; with two, the second one's batch waits in its handler.
    await Promise.all([1, 2].map((partitions) => blockLongerThanSession(partitions)));
  });

  it('goes on at the oldest record when its committed offset is gone from the log', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await sendNumbers(topic, 0, 100);
    await withAdmin(async (admin) => {
      await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '10' }] });
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '50' }] });
    });
    const { source, telemetry } = await makeSource(opened, topic, group);
    const seen: SourceRecord[] = [];
    void source.run(async (record) => {
      seen.push(record);
      record.done();
    });
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(50);
    expect(numbersOf(seen)).toEqual(range(50, 100));
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual({ 0: 100 });
    expect(await counterOf(telemetry, 'grapevine_offset_resets_total')).toBe(1);
  });

  it('fails with a plain sentence when the topic is missing', async () => {
    const { source } = await makeSource(opened, randomName('missing'), randomName('g'));
    await expect(source.run(async () => {})).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringContaining('grapevine topics create'),
    });
  });
});
