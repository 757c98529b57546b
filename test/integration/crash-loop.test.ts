import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import {
  committedOffsets,
  kafkaBrokers,
  makeTopics,
  makeTopicsNamed,
  randomName,
  withAdmin,
  withoutKafka,
} from '../helpers/kafka-broker.ts';
import { makeProducer, makeSource, Opened, textOf } from '../helpers/kafka-member.ts';

const PROCESS = fileURLToPath(new URL('../helpers/kafka-fragile-process.ts', import.meta.url));
const opened = new Opened();
afterEach(() => opened.release());

/** Starts the consumer again whenever it dies, until `finished` says that it may end; gives the deaths. */
async function keepAlive(
  topic: string,
  group: string,
  seen: Set<string>,
  finished: () => Promise<boolean>,
  disturb: (child: ChildProcess) => void = () => {},
): Promise<number> {
  for (let deaths = 0; ; deaths++) {
    expect(deaths).toBeLessThan(20);
    const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, await kafkaBrokers(), topic, group], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    child.stdout.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) seen.add(line);
    });
    disturb(child);
    const ended = once(child, 'exit').then(() => true);
    for (;;) {
      if (await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, 100, false))])) break;
      if (!(await finished())) continue;
      child.kill('SIGTERM');
      await ended;
      return deaths;
    }
  }
}

async function letters(topic: string, count: number): Promise<SourceRecord[]> {
  const { source } = await makeSource(opened, `${topic}.dlt`, randomName('g'));
  const found: SourceRecord[] = [];
  await source.run(async (record) => {
    record.done();
    if (found.push(record) === count) source.stop();
  });
  return found;
}

describe.skipIf(withoutKafka)('a consumer that is killed', () => {
  it('by one record gives that record up after the third death, and nothing else', { timeout: 600_000 }, async () => {
    const [topic = ''] = await makeTopics(1, 2);
    await makeTopicsNamed([`${topic}.dlt`]);
    const group = randomName('g');
    const producer = await makeProducer(opened);
    const good = Array.from({ length: 200 }, (_, i) => `good-${i}`);
    const all = [...good.slice(0, 60), 'deadly', ...good.slice(60)];
    await Promise.all(all.map((value, i) => producer.send({ topic, key: `k${i}`, value })));
    const seen = new Set<string>();
    const ends = async () => {
      const offsets = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
      const committed = await committedOffsets(group, topic);
      return offsets.every(({ partition, high }) => committed[partition] === Number(high));
    };
    const deaths = await keepAlive(topic, group, seen, ends);
    expect(deaths).toBe(3);
    expect([...seen].toSorted()).toEqual(good.toSorted());
    const [letter, ...others] = await letters(topic, 1);
    expect(textOf(letter as SourceRecord)).toBe('deadly');
    expect(String(letter?.headers['x-error-class'])).toBe('crash_loop');
    expect(others).toEqual([]);
  });

  it('from outside, again and again, gives nothing up', { timeout: 600_000 }, async () => {
    const [topic = ''] = await makeTopics(1, 2);
    await makeTopicsNamed([`${topic}.dlt`]);
    const group = randomName('g');
    const producer = await makeProducer(opened);
    const good = Array.from({ length: 400 }, (_, i) => `good-${i}`);
    await Promise.all(good.map((value, i) => producer.send({ topic, key: `k${i}`, value })));
    const seen = new Set<string>();
    let kills = 6;
    const disturb = (child: ChildProcess) => {
      if (kills-- > 0) setTimeout(() => child.kill('SIGKILL'), 2_500 + kills * 230);
    };
    const deaths = await keepAlive(topic, group, seen, async () => seen.size === good.length && kills <= 0, disturb);
    expect(deaths).toBeGreaterThanOrEqual(3);
    expect([...seen].toSorted()).toEqual(good.toSorted());
    const offsets = await withAdmin((admin) => admin.fetchTopicOffsets(`${topic}.dlt`));
    expect(offsets.map(({ high }) => high)).toEqual(['0']);
  });
});
