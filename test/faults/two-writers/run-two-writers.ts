import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Neo4jServer } from '../../../scripts/servers/neo4j.mjs';
import { startNeo4j } from '../../../scripts/servers/neo4j.mjs';
import type { Extraction } from '../../../src/domain/extraction.ts';
import type { GraphEvent } from '../../../src/domain/graph.ts';
import { messageOf } from '../../../src/errors.ts';
import { neo4jGraph } from '../../../src/graph/neo4j/neo4j-graph.ts';
import type { OpenGraph } from '../../../src/graph/open-graph.ts';
import { sqliteGraph } from '../../../src/graph/sqlite/sqlite-graph.ts';
import { linesOf } from '../../helpers/graph-adapters.ts';
import {
  entitiesMentioned,
  entitiesTold,
  expectedGraph,
  factsIn,
  factsTold,
  graphOf,
} from '../../helpers/graph-oracle.ts';
import { askNeo4j } from '../../helpers/graph-servers.ts';
import { ROOT } from '../fault-run.ts';
import { recordsOf, WRITERS } from './batches.ts';
import type { WriterReport } from './orders.ts';
import { problemsOfReading, Subscriber } from './subscriber.ts';
import { WriterProcess } from './writer-process.ts';

/** How two processes are set on one graph. */
export interface TwoWritersOptions {
  readonly seed: number;
  /** How long both write while the database is there: half of it before it is killed, half of it after. */
  readonly seconds: number;
  /** Folder of the code that the writers run. @default this one */
  readonly code?: string;
  readonly log?: (line: string) => void;
}

/** What came of it. */
export interface TwoWritersLedger {
  readonly faults: 'two-writers';
  readonly seed: number;
  readonly seconds: number;
  /** Batches that each writer had acknowledged. */
  readonly batches: readonly number[];
  readonly records: number;
  /** How many records ended how, both writers together. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Times that each writer had to try a batch again. */
  readonly retries: readonly number[];
  /** Reads of the subscriber that failed while the database was away. */
  readonly failedReads: number;
  readonly events: number;
  readonly liveFacts: number;
  /** Lines of the graph that are not those of the same records in one order on SQLite, either way. */
  readonly unlikeEmbedded: number;
  /** What is wrong; empty when all is well. */
  readonly problems: readonly string[];
}

/** Outcomes of a record that says nothing new. */
const CHANGING: ReadonlySet<string> = new Set(['created', 'replaced', 'deleted', 'hidden', 'restored', 'marked']);
const BATCH = 200;
/** Most batches that a writer is ahead of the other one. */
const LEAD = 4;

/**
 * Two processes write the same posts and entities to a Neo4j of their own, which is killed and comes back in the middle,
 * while a subscriber reads the events; then everything is read back and compared with what the records define.
 */
export async function runTwoWriters(options: TwoWritersOptions): Promise<TwoWritersLedger> {
  const server = await startNeo4j();
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-two-writers-'));
  try {
    const graph = await neo4jGraph({ ...server, transactionRetryMs: 1_000 });
    await using _reader = graph.reader;
    await using _store = graph.store;
    const { reports, events, failedReads } = await writeAtOnce(options, { server, graph });
    const batches = reports.map((report) => report.batches);
    const records = recordsOf(options.seed, batches);
    options.log?.(`two-writers: ${records.length} records written, ${events.length} events; comparing`);
    const embedded = await linesOnSqlite(join(folder, 'embedded.db'), records);
    const lines = await linesOf(graph.reader);
    const written = await countOutbox(server);
    const unlikeEmbedded = differences(lines, embedded);
    const retries = reports.map((report) => report.retries);
    return {
      faults: 'two-writers',
      seed: options.seed,
      seconds: options.seconds,
      batches,
      records: records.length,
      outcomes: sumOf(reports),
      retries,
      failedReads,
      events: events.length,
      liveFacts: factsIn(lines).length,
      unlikeEmbedded,
      problems: [
        ...(unlikeEmbedded > 0 ? [`${unlikeEmbedded} lines of the digest are not those of SQLite`] : []),
        ...problemsOfContent(lines, records),
        ...problemsOfReading(events, written),
        ...problemsOfStory(events, lines),
        ...retries.flatMap((count, writer) => (count === 0 ? [`writer ${writer} never had to try again`] : [])),
        ...(failedReads === 0 ? ['the subscriber did not notice that the database was away'] : []),
        ...(await problemsOfReplay(graph, records)),
        ...((await countOutbox(server)) === written ? [] : ['a second replay of everything left events']),
      ],
    };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lets the writers write, kills the database between, and waits until all events have been read. */
async function writeAtOnce(
  { seed, seconds, code = ROOT, log }: TwoWritersOptions,
  { server, graph }: { readonly server: Neo4jServer; readonly graph: OpenGraph },
) {
  const { url, username, password } = server;
  const subscriber = new Subscriber(graph.reader);
  const batchesNow = () => writers.map(({ report }) => report.batches);
  let lead = LEAD;
  const keepTogether = () => {
    for (const writer of writers) writer.allow(Math.min(...batchesNow()) + lead);
  };
  const writers = Array.from(
    { length: WRITERS },
    (_, writer) => new WriterProcess({ seed, writer, graph: { url, username, password } }, code, keepTogether),
  );
  keepTogether();
  const each = (isIt: (report: WriterReport, writer: number) => boolean) =>
    Promise.all(writers.map((process, writer) => process.until((report) => isIt(report, writer))));
  try {
    await each(({ batches }) => batches > 0);
    await sleep(seconds * 500);
    await server.kill();
    log?.(`two-writers: Neo4j killed after ${batchesNow().join(' and ')} batches`);
    // One that is ahead as far as it may be would wait for the other, which waits for the database.
    lead += LEAD;
    keepTogether();
    await each(({ retries }) => retries > 0);
    const before = batchesNow();
    log?.(`two-writers: batches tried again ${writers.map(({ report }) => report.retries).join(' and ')} times`);
    await server.restart();
    await each(({ batches }, writer) => batches > (before[writer] ?? 0));
    await sleep(seconds * 500);
    const reports = await Promise.all(writers.map((writer) => writer.stop()));
    while ((await graph.store.relayEvents({ holder: 'last', leaseMs: 1_000, limit: 100 })) > 0);
    return { reports, events: await subscriber.finish(), failedReads: subscriber.failures };
  } finally {
    await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()));
  }
}

async function linesOnSqlite(path: string, records: readonly Extraction[]): Promise<readonly string[]> {
  const { store, reader } = await sqliteGraph({ path });
  await using _reader = reader;
  await using _store = store;
  await eachBatch(records, (batch) => store.replacePosts(batch));
  return await linesOf(reader);
}

async function eachBatch<T>(
  records: readonly Extraction[],
  apply: (batch: readonly Extraction[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (let at = 0; at < records.length; at += BATCH) results.push(...(await apply(records.slice(at, at + BATCH))));
  return results;
}

/** What a plain fold of the records says that the graph does not, and the other way round. */
function problemsOfContent(lines: readonly string[], records: readonly Extraction[]): readonly string[] {
  const [found, expected] = [graphOf(lines), expectedGraph(records)];
  const unlike = differences(found.lines, expected.lines) + differences(found.marked, expected.marked);
  return unlike > 0 ? [`${unlike} lines of the digest are not what the records define`] : [];
}

function problemsOfStory(events: readonly GraphEvent[], lines: readonly string[]): readonly string[] {
  try {
    const unlike = differences(factsTold(events), factsIn(lines));
    const told = entitiesTold(events);
    const untold = entitiesMentioned(lines).filter((id) => !told.has(id)).length;
    return [
      ...(unlike > 0 ? [`the events tell of other live facts than the graph has: ${unlike}`] : []),
      ...(untold > 0 ? [`${untold} entities of the graph were never told of`] : []),
    ];
  } catch (error) {
    return [`the events contradict each other: ${messageOf(error)}`];
  }
}

/** A second replay of everything must change nothing and tell nothing. */
async function problemsOfReplay(graph: OpenGraph, records: readonly Extraction[]): Promise<readonly string[]> {
  const before = await linesOf(graph.reader);
  const outcomes = await eachBatch(records, (batch) => graph.store.replacePosts(batch));
  const changing = outcomes.filter((outcome) => CHANGING.has(outcome)).length;
  const unlike = differences(await linesOf(graph.reader), before);
  return [
    ...(changing > 0 ? [`${changing} records of a second replay changed something`] : []),
    ...(unlike > 0 ? [`${unlike} lines of the digest changed in a second replay`] : []),
  ];
}

async function countOutbox(server: Neo4jServer): Promise<number> {
  const [row] = await askNeo4j<{ count: number }>(server, 'MATCH (o:Outbox) RETURN count(o) AS count');
  return row?.count ?? 0;
}

/** How many lines only one of two lists has. */
function differences(one: readonly string[], other: readonly string[]): number {
  const [here, there] = [new Set(one), new Set(other)];
  return one.filter((line) => !there.has(line)).length + other.filter((line) => !here.has(line)).length;
}

function sumOf(reports: readonly WriterReport[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [outcome, count] of reports.flatMap(({ outcomes }) => Object.entries(outcomes))) {
    sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  return sums;
}
