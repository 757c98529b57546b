// How fast the API answers the page's requests on a large graph, and how soon its subscribers hear of what is written.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNeo4j } from '../scripts/servers/neo4j.mjs';
import type * as ConfigModule from '../src/config.ts';
import type { ApiAudience, ApiGraph, ApiLoad } from './contenders/api.ts';
import { built } from './harness/built.ts';
import { startNode } from './harness/child.ts';
import { processTime } from './harness/machine.ts';
import type { Row } from './harness/question.ts';
import type { Section } from './harness/report.ts';
import { cleanFigure } from './harness/results.ts';
import { type Run, runRounds } from './harness/rounds.ts';
import { startServed } from './harness/served.ts';
import type { AskSlice, TellSlice } from './harness/slices.ts';
import { quantile } from './harness/statistics.ts';

/** How the API is measured. */
export interface ApiBench {
  readonly rounds: number;
  /** Length of a slice of requests. */
  readonly seconds: number;
  /** Size of the graph. */
  readonly apiPosts: number;
  tell(line: string): void;
}

const RATE = 200;
const SUBSCRIBERS = 1_000;
/** Posts that subscribers hear of in a slice. */
const NEWS = 5;
const ASK = 'requests';
const TELL = 'events';

/** Serves a graph of each kind and asks it. */
export async function benchApi(bench: ApiBench): Promise<Section[]> {
  return [...(await benchStore('SQLite', bench)), ...(await benchStore('Neo4j', bench))];
}

async function benchStore(name: 'SQLite' | 'Neo4j', { rounds, seconds, apiPosts, tell }: ApiBench): Promise<Section[]> {
  const { loadConfig } = await built<typeof ConfigModule>('config.ts');
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  const neo4j = name === 'Neo4j' ? await startNeo4j({ isMeasured: true, heap: '2g' }) : undefined;
  try {
    await using child = startNode('api.ts');
    const path = join(folder, 'graph.db');
    const { url = '', username = '', password = '', pid = 0 } = neo4j ?? {};
    const server = neo4j ? { server: { url, username, password, pid } } : {};
    tell(`${name}: writing ${apiPosts} posts`);
    await child.ask('fill', {
      posts: apiPosts,
      batch: loadConfig({}).UPSERT_BATCH,
      path,
      ...server,
    } satisfies ApiGraph);
    const login = neo4j ? { NEO4J_USERNAME: username, NEO4J_PASSWORD: password } : {};
    await using api = await startServed({ GRAPH_URL: neo4j ? url : `sqlite:${path}`, ...login });
    const ask = (length: number) =>
      child.ask<AskSlice>('ask', { url: api.url, seconds: length, rate: RATE } satisfies ApiLoad);
    const audience: ApiAudience = { url: api.url, subscribers: SUBSCRIBERS, posts: NEWS };
    const contenders = [
      { name: `${name} ${ASK}`, slice: ask },
      { name: `${name} ${TELL}`, slice: () => child.ask<TellSlice>('tell', audience) },
    ];
    tell(`${name}: warming up`);
    await ask(seconds);
    const pids = [child.pid, api.pid, pid];
    const cpuSeconds = () => pids.reduce((sum, one) => sum + (one > 0 ? processTime(one) : 0), 0);
    const run = await runRounds({ contenders, cpuSeconds }, { rounds, seconds, tell });
    return [
      { title: `api: ${name}, ${RATE} requests a second on ${apiPosts} posts, p50`, rows: askRows(run, name, 0.5, 10) },
      { title: 'p99', rows: askRows(run, name, 0.99, 50) },
      { title: `api: ${name}, events to ${SUBSCRIBERS} subscribers`, rows: tellRows(run, name) },
    ];
  } finally {
    await neo4j?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function askRows(run: Run, name: string, share: number, atMost: number): Row[] {
  const slices = slicesOf<AskSlice>(run, `${name} ${ASK}`);
  const figure = (timesOf: (slice: AskSlice) => readonly number[]) =>
    cleanFigure(
      run,
      slices.map((slice) => part(timesOf(slice), share)),
      [`${name} ${ASK}`],
    );
  const all = ({ times }: AskSlice) => Object.values(times).flat();
  return [
    { what: 'all requests', unit: 'ms', figure: figure(all), atMost },
    ...Object.keys(slices[0]?.times ?? {}).map((what): Row => {
      return { what, unit: 'ms', figure: figure(({ times }) => times[what] ?? []), atMost };
    }),
  ];
}

function tellRows(run: Run, name: string): Row[] {
  const slices = slicesOf<TellSlice>(run, `${name} ${TELL}`);
  const row = (what: string, share: number, target: Partial<Row> = {}): Row => {
    const figure = cleanFigure(
      run,
      slices.map(({ times }) => part(times, share)),
      [`${name} ${TELL}`],
    );
    return { what, unit: 'ms', figure, ...target };
  };
  return [row('from the commit to a subscriber, p50', 0.5), row('the slowest', 1, { atMost: 250 })];
}

function slicesOf<T>(run: Run, name: string): readonly T[] {
  return (run.slices.get(name) ?? []).map(({ slice }) => slice as T);
}

function part(times: readonly number[], share: number): number {
  return quantile(
    times.toSorted((a, b) => a - b),
    share,
  );
}
