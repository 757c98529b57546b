// What the stream costs beside the model: a consumer on a real Kafka, pictures from a web server, and the commands as they ship.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StreamOptions } from './contenders/stream.ts';
import { type Broker, startBroker } from './harness/broker.ts';
import { type Child, startNode } from './harness/child.ts';
import { Commands } from './harness/commands.ts';
import type { Contender } from './harness/contenders.ts';
import { processTime } from './harness/machine.ts';
import { type WrittenPost, writtenPosts } from './harness/posts.ts';
import type { Row } from './harness/question.ts';
import type { Section } from './harness/report.ts';
import { cleanFigure } from './harness/results.ts';
import { type Run, runRounds } from './harness/rounds.ts';
import type { CommandSlice, PicturesSlice, StreamSlice } from './harness/slices.ts';
import { mean } from './harness/statistics.ts';
import { manyDemoPosts } from './ingest.ts';

/** How the stream is measured. */
export interface StreamBench {
  readonly rounds: number;
  readonly seconds: number;
  /** Also reads enough records to see memory grow, if it does. */
  readonly long: boolean;
  tell(line: string): void;
}

const PARTITIONS = 4;
const RECORDS = 100_000;
const LONG_RECORDS = 200_000;
/** Times that all records are read for the memory: one takes seconds, in which the heap only breathes. */
const PASSES = 8;
/** Laps of the demo's posts that the commands read: enough that their start does not matter. */
const LAPS = 20;
const OURS = 'consumer, no model';
const BARE = 'bare kafkajs, no model';
const LOADED = 'pictures from a web server';
const FILES = 'pictures from files';
const EXTRACT = 'extract FILE';
const CONSUME = 'consume extract';
const CONSUME_ALL = 'consume all';

/** Runs all of it interleaved. */
export async function benchStream({ rounds, seconds, long, tell }: StreamBench): Promise<Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  try {
    await using broker = await startBroker();
    await broker.makeTopics(topicsOf('numbers'), PARTITIONS);
    tell(`writing ${long ? LONG_RECORDS : RECORDS} posts`);
    await broker.fill('numbers', writtenPosts(long ? LONG_RECORDS : RECORDS));
    await using consumer = startNode('stream.ts');
    await using pictures = startNode('pictures.ts');
    await using server = startNode('picture-server.ts');
    await pictures.ask('start', { port: await server.ask<number>('start', undefined) });
    const commands = new Commands();
    const contenders = [
      ...streamContenders(broker, consumer),
      ...pictureContenders(pictures),
      ...commandContenders(broker, folder, commands),
    ];
    const pids = [consumer.pid, pictures.pid, server.pid, ...broker.pids];
    const cpuSeconds = () => pids.reduce((sum, pid) => sum + processTime(pid), commands.cpuSeconds);
    const run = await runRounds({ contenders, cpuSeconds }, { rounds, seconds, tell });
    return [...sections(run), ...(long ? [memory(await readAgain(broker, consumer))] : [])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A topic of posts, and those that a consumer of it asks for: extractions, events and the dead letters of both stages. */
function topicsOf(posts: string): [posts: string, extractions: string, events: string, ...letters: string[]] {
  const extractions = `${posts}-extractions`;
  return [posts, extractions, `${posts}-events`, `${posts}.dlt`, `${extractions}.dlt`];
}

function streamContenders({ brokers }: Broker, consumer: Child): Contender[] {
  const options = optionsOf(brokers, RECORDS);
  return [
    { name: OURS, slice: () => consumer.ask('ours', options) },
    { name: BARE, slice: () => consumer.ask('bare', options) },
  ];
}

function optionsOf(brokers: string, records: number): StreamOptions {
  return { brokers, topics: topicsOf('numbers'), records };
}

function pictureContenders(pictures: Child): Contender[] {
  return [
    { name: LOADED, slice: (seconds) => pictures.ask('loaded', { seconds }) },
    { name: FILES, slice: (seconds) => pictures.ask('files', { seconds }) },
  ];
}

/** The same posts with the real model: from a file, through Kafka, and through Kafka into a graph. */
function commandContenders(broker: Broker, folder: string, commands: Commands): Contender[] {
  const file = manyDemoPosts(folder, LAPS);
  const records = readFileSync(file, 'utf8').trim().split('\n').map(toRecord);
  const imageRoot = ['--image-root', dirname(file)];
  let runs = 0;
  const consume = async (stage: string, group: string): Promise<CommandSlice> => {
    const topics = topicsOf(`posts-${runs}`);
    const [posts, extractions, events] = topics;
    const environment = {
      KAFKA_BROKERS: broker.brokers,
      KAFKA_GROUP_PREFIX: `${group}-${runs++}`,
      KAFKA_TOPIC_POSTS: posts,
      KAFKA_TOPIC_EXTRACTIONS: extractions,
      KAFKA_TOPIC_EVENTS: events,
      GRAPH_URL: `sqlite:${join(folder, `${posts}.db`)}`,
    };
    await broker.makeTopics(topics, PARTITIONS);
    await broker.fill(posts, records);
    const written = async () => (await broker.count(extractions)) >= records.length;
    const cpuSeconds = await commands.run(['consume', stage, ...imageRoot], environment, written);
    return { posts: records.length, cpuSeconds };
  };
  return [
    {
      name: EXTRACT,
      slice: async (): Promise<CommandSlice> => ({
        posts: records.length,
        cpuSeconds: await commands.run(['extract', file, ...imageRoot]),
      }),
    },
    { name: CONSUME, slice: () => consume('extract', 'extract') },
    { name: CONSUME_ALL, slice: () => consume('all', 'all') },
  ];
}

function toRecord(value: string): WrittenPost {
  const post = JSON.parse(value) as { readonly author: { readonly id: string } };
  return { key: post.author.id, value };
}

async function readAgain({ brokers }: Broker, consumer: Child): Promise<readonly StreamSlice[]> {
  const passes: StreamSlice[] = [];
  while (passes.length < PASSES) passes.push(await consumer.ask('ours', optionsOf(brokers, LONG_RECORDS)));
  return passes;
}

function sections(run: Run): Section[] {
  const perCpu = ({ posts, cpuSeconds }: StreamSlice) => posts / cpuSeconds;
  const rate = ({ pictures, seconds }: PicturesSlice) => pictures / seconds;
  const cost = ({ posts, cpuSeconds }: CommandSlice) => cpuSeconds / posts;
  return [
    {
      title: 'stream: decoding, order, window and commits, no model',
      rows: [
        row(run, 'posts a second of one core', 'posts/s', [OURS], perCpu, { atLeast: 10_000 }),
        row(run, 'ours / bare kafkajs, posts for the same processor time', 'x', [OURS, BARE], perCpu, {}),
      ],
    },
    {
      title: 'stream: pictures loaded, decoded and transformed',
      rows: [row(run, 'from a web server / from files', 'x', [LOADED, FILES], rate, { atLeast: 0.8 })],
    },
    {
      title: 'stream: processor time for a post with the real model, start included',
      rows: [
        row(run, 'consume extract / extract FILE', 'x', [CONSUME, EXTRACT], cost, { atMost: 1.15 }),
        row(run, 'consume all / extract FILE', 'x', [CONSUME_ALL, EXTRACT], cost, { atMost: 1.15 }),
      ],
    },
  ];
}

/** A value of the first name, divided by that of the second where there is one. */
function row<T>(
  run: Run,
  what: string,
  unit: Row['unit'],
  names: readonly string[],
  valueOf: (slice: T) => number,
  target: Pick<Row, 'atLeast' | 'atMost'>,
): Row {
  const [one = [], other] = names.map((name) => (run.slices.get(name) ?? []).map(({ slice }) => valueOf(slice as T)));
  const values = one.map((value, round) => value / (other ? (other[round] ?? Number.NaN) : 1));
  return { what, unit, figure: cleanFigure(run, values, names), ...target };
}

function memory(passes: readonly StreamSlice[]): Section {
  const means = passes.map(({ resident }) => mean(resident));
  const growth = mean(means.slice(-3)) / mean(means.slice(1, 4));
  const figure = { median: growth, low: growth, high: growth, count: 1, clean: 1 };
  const what = `resident memory, last three / second to fourth of ${PASSES} readings of ${LONG_RECORDS} records`;
  const most = Math.max(...passes.flatMap(({ resident }) => resident));
  const note = `${Math.round(most / 1e6)} MB at most; by reading ${means.map((bytes) => Math.round(bytes / 1e6)).join(', ')}`;
  return { title: 'stream: memory', rows: [{ what, unit: 'x', figure, atMost: 1.1, note }] };
}
