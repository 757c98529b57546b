// How fast the graph takes posts, on SQLite and on Neo4j, and what of that is the database itself.
import { startNeo4j } from '../scripts/servers/neo4j.mjs';
import type * as ConfigModule from '../src/config.ts';
import type { GraphFilling } from './contenders/graph.ts';
import { built } from './harness/built.ts';
import { startNode } from './harness/child.ts';
import type { Contender } from './harness/contenders.ts';
import { processTime } from './harness/machine.ts';
import type { Row } from './harness/question.ts';
import type { Section } from './harness/report.ts';
import { cleanFigure, type Figure } from './harness/results.ts';
import { type Run, runRounds } from './harness/rounds.ts';
import type { GraphSlice, GrowthSlice, HotSlice } from './harness/slices.ts';

/** How the graph is measured. */
export interface GraphBench {
  readonly rounds: number;
  /** Also fills graphs with very many posts. */
  readonly long: boolean;
  /** So many. */
  readonly graphPosts: number;
  tell(line: string): void;
}

const STORES = [
  { name: 'SQLite', posts: 12_800, atLeast: 3_000 },
  { name: 'Neo4j', posts: 4_096, atLeast: 1_000 },
] as const;

const HOT_POSTS = 100_000;
/** Slices of each before anything counts. */
const WARM_UP = 4;

/** Fills both graphs from empty, as they ship and with their bare statements, interleaved. */
export async function benchGraph({ rounds, long, graphPosts, tell }: GraphBench): Promise<Section[]> {
  const { loadConfig } = await built<typeof ConfigModule>('config.ts');
  const batch = loadConfig({}).UPSERT_BATCH;
  const server = await startNeo4j({ isMeasured: true });
  try {
    await using child = startNode('graph.ts');
    const { url, username, password, pid = 0 } = server;
    const contenders: Contender[] = STORES.flatMap(({ name, posts }) => {
      const neo4j = name === 'Neo4j' ? { server: { url, username, password, pid } } : {};
      const filling: GraphFilling = { posts, batch, ...neo4j };
      return (['ours', 'bare'] as const).map((kind) => ({
        name: `${name} ${kind}`,
        slice: () => child.ask<GraphSlice>(kind, filling),
      }));
    });
    tell('warming up');
    // A server that has just started plans and compiles first, and the bare loop records its statements.
    for (let slices = 0; slices < WARM_UP; slices++) for (const { slice } of contenders) await slice(0);
    const pids = [child.pid, pid];
    const cpuSeconds = () => pids.reduce((sum, pid) => sum + processTime(pid), 0);
    const run = await runRounds({ contenders, cpuSeconds }, { rounds, seconds: 0, tell });
    const sections = STORES.map((store) => ({
      title: `graph: ${store.name}, ${store.posts} posts into an empty graph, ${batch} a transaction`,
      rows: rowsOf(run, store),
    }));
    return long ? [...sections, ...(await benchLarge({ posts: graphPosts, batch }, tell))] : sections;
  } finally {
    await server.stop();
  }
}

/** Each on a server of its own: emptying a large graph takes longer than starting one. */
async function benchLarge(filling: GraphFilling, tell: GraphBench['tell']): Promise<Section[]> {
  const sections: Section[] = [];
  for (const { name } of STORES) {
    for (const kind of ['grow', 'hot'] as const) {
      const posts = kind === 'hot' ? HOT_POSTS : filling.posts;
      tell(`${name}: ${posts} posts (${kind})`);
      const server = name === 'Neo4j' ? await startNeo4j({ isMeasured: true, heap: '2g' }) : undefined;
      try {
        await using child = startNode('graph-long.ts');
        const { url = '', username = '', password = '', pid = 0 } = server ?? {};
        const wanted = { ...filling, posts, ...(server ? { server: { url, username, password, pid } } : {}) };
        if (kind === 'grow') {
          const { rates, reads } = await child.ask<GrowthSlice>('grow', wanted);
          sections.push({ title: `graph: ${name} from empty to ${posts} posts`, rows: growthRows(rates) });
          sections.push({
            title: `graph: ${name}, what the API asks of ${posts} posts, p99`,
            rows: timeRows(reads, 100),
          });
        } else {
          const times = await child.ask<HotSlice>('hot', wanted);
          sections.push({
            title: `graph: ${name}, an entity and a fact of ${posts} posts, p99`,
            rows: timeRows(times, 50),
          });
        }
      } finally {
        await server?.stop();
      }
    }
  }
  return sections;
}

function growthRows(rates: readonly number[]): Row[] {
  const [first = Number.NaN, last = Number.NaN] = [rates[0], rates.at(-1)];
  const note = `posts a second by tenth: ${rates.map((rate) => Math.round(rate)).join(', ')}`;
  return [{ what: 'last tenth / first tenth', unit: 'x', figure: once(last / first), atLeast: 0.8, note }];
}

function timeRows(times: Readonly<Record<string, number>>, atMost: number): Row[] {
  return Object.entries(times).map(([what, ms]) => ({ what, unit: 'ms', figure: once(ms), atMost }));
}

function once(value: number): Figure {
  return { median: value, low: value, high: value, count: 1, clean: 1 };
}

function rowsOf(run: Run, { name, atLeast }: (typeof STORES)[number]): Row[] {
  const [ours, bare] = [`${name} ours`, `${name} bare`];
  const figures = (contender: string, valueOf: (slice: GraphSlice) => number) =>
    (run.slices.get(contender) ?? []).map(({ slice }) => valueOf(slice as GraphSlice));
  const speed = ({ posts, seconds }: GraphSlice) => posts / seconds;
  const thrift = ({ posts, cpuSeconds }: GraphSlice) => posts / cpuSeconds;
  const ratio = (valueOf: (slice: GraphSlice) => number) => {
    const bares = figures(bare, valueOf);
    const values = figures(ours, valueOf).map((value, round) => value / (bares[round] ?? Number.NaN));
    return cleanFigure(run, values, [ours, bare]);
  };
  return [
    { what: 'posts a second', unit: 'posts/s', figure: cleanFigure(run, figures(ours, speed), [ours]), atLeast },
    {
      what: 'posts for a second of one processor, the server’s time counted',
      unit: 'posts/s',
      figure: cleanFigure(run, figures(ours, thrift), [ours]),
    },
    { what: 'posts a second, ours / the same statements alone', unit: 'x', figure: ratio(speed) },
    { what: 'processor time, the same statements alone / ours', unit: 'x', figure: ratio(thrift) },
  ];
}
