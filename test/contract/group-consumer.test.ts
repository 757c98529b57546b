/**
 * What a Kafka client must do behind `GroupConsumer`, numbered like the behaviours of clients that decided its design.
 * The logs that are out of the ordinary are in `group-consumer-logs`, lost brokers and processes in `group-consumer-outage`.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { CLIENT_NAMES, type ClientName } from '../helpers/group-consumers.ts';
import { makeMember, Told } from '../helpers/group-told.ts';
import { committedOffsets, makeTopics, randomName, withAdmin, withoutKafka } from '../helpers/kafka-broker.ts';
import {
  counterOf,
  makeProducer,
  makeSource,
  numbersOf,
  Opened,
  range,
  sendNumbers,
  sorted,
  textOf,
  waitUpTo,
} from '../helpers/kafka-member.ts';
import { patiently } from '../helpers/patiently.ts';

const opened = new Opened();
const send = (topic: string, from: number, to: number) => sendNumbers(opened, topic, from, to);
const partitionOf = (record: SourceRecord) => Number(/\/(\d+)@/.exec(record.position)?.[1]);

afterEach(() => opened.release());

/** One accept that blocks from its first record until it is let go. */
async function startBlocked(client: ClientName, topic: string, group: string, records: number) {
  const { source, telemetry } = await makeSource(opened, topic, group, { client, queue: { records, bytes: 1 << 20 } });
  const seen: SourceRecord[] = [];
  const gate = new AbortController();
  void source.run(async (record) => {
    seen.push(record);
    record.done();
    if (!gate.signal.aborted) await once(gate.signal, 'abort');
  });
  return { source, telemetry, seen, letGo: () => gate.abort() };
}

async function blockLongerThanSession(client: ClientName, partitions: number): Promise<void> {
  const [topic = ''] = await makeTopics(1, partitions);
  await send(topic, 0, 300);
  const { source, telemetry, seen, letGo } = await startBlocked(client, topic, randomName('g'), 20);
  await expect.poll(() => source.health.paused, waitUpTo(20_000)).toBe(true);
  await sleep(9_000);
  expect(seen).toHaveLength(1);
  letGo();
  await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(300);
  // Had the group taken it for dead, it would find out on its way to this one.
  await send(topic, 300, 301);
  await expect.poll(() => seen.length, waitUpTo(20_000)).toBeGreaterThan(300);
  expect(sorted(numbersOf(seen))).toEqual(range(0, 301));
  expect(await counterOf(telemetry, 'grapevine_rebalances_total')).toBe(1);
  expect(await counterOf(telemetry, 'grapevine_redeliveries_dropped_total')).toBe(0);
}

/** A member that finished nothing of 400 records, and a second one that joined it and finishes all it gets. */
async function shareWithSecond(client: ClientName) {
  const [topic = ''] = await makeTopics(1, 4);
  const group = randomName('g');
  await send(topic, 0, 400);
  const open: SourceRecord[] = [];
  const first = await makeSource(opened, topic, group, { client });
  void first.source.run(async (record) => void open.push(record));
  await expect.poll(() => open.length, waitUpTo(20_000)).toBe(400);
  const second = await makeSource(opened, topic, group, { client });
  const others: SourceRecord[] = [];
  void second.source.run(async (record) => {
    others.push(record);
    record.done();
  });
  await expect.poll(() => second.source.health.partitions.length, waitUpTo(20_000)).toBe(2);
  await expect.poll(() => first.source.health.partitions.length, waitUpTo(20_000)).toBe(2);
  const kept = new Set(first.source.health.partitions.map(({ partition }) => partition));
  return { topic, group, first, open, others, kept };
}

/** End of each partition. */
async function endsOf(topic: string): Promise<Record<number, number>> {
  const ends = await withAdmin((admin) => patiently(() => admin.fetchTopicOffsets(topic)));
  return Object.fromEntries(ends.map(({ partition, high }) => [partition, Number(high)]));
}

describe.skipIf(withoutKafka).each(CLIENT_NAMES)('a group member on %s', (client) => {
  it('1: stays in its group while accept blocks longer than the session time-out', async () => {
    // One partition is paused and idle; with two, the second one's batch waits in its handler.
    await Promise.all([1, 2].map((partitions) => blockLongerThanSession(client, partitions)));
  });

  it('2: fetches on while a record takes its time', async () => {
    const [topic = ''] = await makeTopics(1, 3);
    await send(topic, 0, 100);
    const { source, seen } = await startBlocked(client, topic, randomName('g'), 1_000);
    await expect.poll(() => source.health.queuedRecords, waitUpTo(20_000)).toBe(99);
    await send(topic, 100, 200);
    await expect.poll(() => source.health.queuedRecords, waitUpTo(20_000)).toBe(199);
    expect(seen).toHaveLength(1);
  });

  it('3: joins again at a rebalance while a record takes its time and a batch waits for room', async () => {
    const [topic = ''] = await makeTopics(1, 2);
    const group = randomName('g');
    await send(topic, 0, 300);
    const first = await startBlocked(client, topic, group, 5);
    await expect.poll(() => first.source.health.paused, waitUpTo(20_000)).toBe(true);
    const second = await makeSource(opened, topic, group, { client });
    void second.source.run(async (record) => record.done());
    await expect.poll(() => second.source.health.partitions.length, waitUpTo(20_000)).toBe(1);
    await expect.poll(() => first.source.health.partitions.length, waitUpTo(20_000)).toBe(1);
    expect(await counterOf(first.telemetry, 'grapevine_rebalances_total')).toBe(2);
    expect(first.seen).toHaveLength(1);
  });

  it('4: drops what comes again of a partition that it keeps, and loses nothing', async () => {
    const { topic, first, open, others } = await shareWithSecond(client);
    await expect
      .poll(() => counterOf(first.telemetry, 'grapevine_redeliveries_dropped_total'), waitUpTo(20_000))
      .toBeGreaterThan(0);
    await send(topic, 400, 500);
    await expect.poll(() => new Set([...numbersOf(open), ...numbersOf(others)]).size, waitUpTo(20_000)).toBe(500);
    expect(numbersOf(open)).toHaveLength(new Set(numbersOf(open)).size);
  });

  it('5: knows after a rejoin which records are of partitions that went away', async () => {
    const { open, kept } = await shareWithSecond(client);
    expect(kept.size).toBe(2);
    for (const record of open) expect(record.isStale?.()).toBe(!kept.has(partitionOf(record)));
  });

  it('6: commits no late result of a lost partition over those of its new owner', async () => {
    const { topic, group, open, others, kept } = await shareWithSecond(client);
    const ends = await endsOf(topic);
    const committedOfLost = async () =>
      Object.entries(await committedOffsets(group, topic)).filter(([partition]) => !kept.has(Number(partition)));
    const lostEnds = Object.entries(ends).filter(([partition]) => !kept.has(Number(partition)));
    await expect.poll(committedOfLost, waitUpTo(10_000)).toEqual(lostEnds);
    // A commit for the lost partitions would be one of a low offset, in the same request as those of the kept ones.
    for (const record of open) if (kept.has(partitionOf(record)) || record.position.endsWith('@0')) record.done();
    await expect.poll(() => committedOffsets(group, topic), waitUpTo(10_000)).toEqual(ends);
    const finished = [...open.filter((record) => kept.has(partitionOf(record))), ...others];
    expect(sorted(new Set(numbersOf(finished)))).toEqual(range(0, 400));
  });

  it('6: is fenced once the group has gone on without it', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await send(topic, 0, 10);
    const [first, second] = [
      await makeMember(opened, client, topic, group),
      await makeMember(opened, client, topic, group),
    ];
    const [told, other] = [new Told(), new Told()];
    // No heartbeat while it waits, so the group takes it for dead.
    const gate = new AbortController();
    told.take = () => once(gate.signal, 'abort').then(() => {});
    await first.start(told);
    await expect.poll(() => told.batches.length, waitUpTo(20_000)).toBe(1);
    await second.start(other);
    await expect.poll(() => other.records.length, waitUpTo(30_000)).toBe(10);
    expect(await second.commit(new Map([[0, { offset: 7, metadata: '' }]]))).toBe('committed');
    expect(await first.commit(new Map([[0, { offset: 3, metadata: '' }]]))).toBe('fenced');
    expect(await committedOffsets(group, topic)).toEqual({ 0: 7 });
    gate.abort();
    await expect.poll(() => told.joins.length, waitUpTo(20_000)).toBe(2);
    expect(told.joins[1]?.sameMember).toBe(false);
  });

  it('7: commits only what it is told to, and reads on where it was', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await send(topic, 0, 10);
    const member = await makeMember(opened, client, topic, group);
    const told = new Told();
    await member.start(told);
    await expect.poll(() => told.records.length, waitUpTo(20_000)).toBe(10);
    expect(await member.committed([0])).toEqual(new Map());
    const mark = { offset: 3, metadata: 'beside it' };
    expect(await member.commit(new Map([[0, mark]]))).toBe('committed');
    await send(topic, 10, 20);
    await expect.poll(() => told.records.length, waitUpTo(20_000)).toBe(20);
    expect(told.records.map(({ offset }) => offset)).toEqual(range(0, 20));
    expect(await member.committed([0, 1])).toEqual(new Map([[0, mark]]));
  });

  it('8: reads from the beginning, commits what is done, and resumes there', async () => {
    const [topic = ''] = await makeTopics(1);
    const group = randomName('g');
    await send(topic, 0, 100);
    const first = await makeSource(opened, topic, group, { client });
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

    const second = await makeSource(opened, topic, group, { client });
    const again: SourceRecord[] = [];
    void second.source.run(async (record) => void again.push(record));
    await expect.poll(() => again.length, waitUpTo(20_000)).toBe(30);
    expect(numbersOf(again)).toEqual(range(70, 100));
  });

  it('8: reads a partition of which nothing is committed from its beginning, beside one that goes on', async () => {
    const [topic = ''] = await makeTopics(1, 2);
    const group = randomName('g');
    await send(topic, 0, 100);
    const ends = await endsOf(topic);
    await withAdmin((admin) =>
      patiently(() => admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '5' }] })),
    );
    const { source } = await makeSource(opened, topic, group, { client });
    const seen: SourceRecord[] = [];
    void source.run(async (record) => void seen.push(record));
    await expect.poll(() => seen.length, waitUpTo(20_000)).toBe(95);
    expect(seen.filter((record) => partitionOf(record) === 1)).toHaveLength(ends[1] ?? 0);
  });

  it('8: tells its successor what is finished above a record that is not', async () => {
    const [topic = ''] = await makeTopics(1);
    const groupId = randomName('g');
    const producer = await makeProducer(opened);
    await Promise.all(['0', '1', '2', '3', '4'].map((value) => producer.send({ topic, key: 'k', value })));
    const first = await makeSource(opened, topic, groupId, { client });
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
    const second = await makeSource(opened, topic, groupId, { client });
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

  it('9: takes a pause at any time, before it runs too, and holds it over a rejoin', async () => {
    const [topic = ''] = await makeTopics(1, 2);
    const group = randomName('g');
    const member = await makeMember(opened, client, topic, group);
    member.pause();
    member.resume();
    const told = new Told();
    await member.start(told);
    await expect.poll(() => told.joins.length, waitUpTo(20_000)).toBe(1);
    member.pause();
    const second = await makeMember(opened, client, topic, group);
    const other = new Told();
    await second.start(other);
    await expect.poll(() => told.joins.at(-1)?.partitions.length, waitUpTo(20_000)).toBe(1);
    await send(topic, 0, 100);
    const ends = await endsOf(topic);
    await expect.poll(() => other.records.length, waitUpTo(20_000)).toBe(ends[other.joins.at(-1)?.partitions[0] ?? -1]);
    expect(told.records).toEqual([]);
    member.resume();
    await expect.poll(() => told.records.length, waitUpTo(20_000)).toBe(100 - other.records.length);
  });

  it('16: takes no more at once than it can hold, however much waits', async () => {
    const [topic = ''] = await makeTopics(1);
    const producer = await makeProducer(opened);
    const value = 'x'.repeat(300_000);
    for (let i = 0; i < 12; i++) await producer.send({ topic, key: null, value });
    const member = await makeMember(opened, client, topic, randomName('g'));
    const told = new Told();
    await member.start(told);
    await expect.poll(() => told.records.length, waitUpTo(20_000)).toBe(12);
    const sizes = told.batches.map(({ records }) => records.reduce((sum, one) => sum + (one.value?.length ?? 0), 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1 << 20);
  });
});
