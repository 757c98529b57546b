// The clients of an API: a graph is filled for it, the page's requests come at a steady rate whether answers are there or
// not, and very many subscribers wait for what is written meanwhile.
import { request as send } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Extraction } from '../../src/domain/extraction.ts';
import type * as Neo4jModule from '../../src/graph/neo4j/neo4j-graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type * as SqliteModule from '../../src/graph/sqlite/sqlite-graph.ts';
import { built } from '../harness/built.ts';
import { extractions } from '../harness/extractions.ts';
import { type Asked, pageRequests } from '../harness/page-requests.ts';
import { Random } from '../harness/random.ts';
import type { AskSlice, TellSlice } from '../harness/slices.ts';
import type { GraphFilling } from './graph.ts';
import { serve } from './serve.ts';

/** A graph that an API is to serve: a file, or a Neo4j. */
export interface ApiGraph extends GraphFilling {
  readonly path: string;
}

/** Requests of a slice. */
export interface ApiLoad {
  readonly url: string;
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
}

/** Subscribers of a slice, and the posts that are written while they wait. */
export interface ApiAudience {
  readonly url: string;
  readonly subscribers: number;
  readonly posts: number;
}

const CONNECTIONS = 128;
const CYCLE = 20;
/** Begins an event that has news. */
const EVENT = 'event: next';
/** Longest wait for an event to reach everybody. */
const LONGEST_MS = 30_000;
/** What the page follows the graph with. */
const FOLLOW = `subscription { factEvents { cursor kind gap movedFrom remains
  fact { id type confidence maxConfidence evidenceCount sourceCount authorCount firstSeen lastSeen }
  head { id name type } tail { id name type } } }`;

let graph: OpenGraph | undefined;
let asked: readonly Asked[] | undefined;
let written = 0;

/** Fills a graph and keeps it open. The newest post is of now, as it is while a stream comes in. */
async function fill({ posts, batch, path, server }: ApiGraph): Promise<void> {
  graph = server
    ? await (await built<typeof Neo4jModule>('graph/neo4j/neo4j-graph.ts')).neo4jGraph(server)
    : await (await built<typeof SqliteModule>('graph/sqlite/sqlite-graph.ts')).sqliteGraph({ path });
  const [last] = extractions(posts - 1, 1);
  const laterMs = Date.now() - timeOf(last);
  let waiting: Extraction[] = [];
  for (const post of extractions(0, posts)) {
    waiting.push(moved(post, laterMs));
    if (waiting.length < batch) continue;
    await graph.store.replacePosts(waiting);
    waiting = [];
  }
  if (waiting.length > 0) await graph.store.replacePosts(waiting);
  await relay();
}

function timeOf(extraction: Extraction | undefined): number {
  return extraction && 'createdAt' in extraction.post ? Date.parse(extraction.post.createdAt) : 0;
}

function moved(extraction: Extraction, laterMs: number): Extraction {
  const createdAt = new Date(timeOf(extraction) + laterMs).toISOString();
  return { ...extraction, post: { ...extraction.post, createdAt } as Extraction['post'] };
}

/** Gives events their positions, as the process that writes does after each transaction. */
async function relay(): Promise<void> {
  const options = { holder: 'bench', leaseMs: 10_000, limit: 10_000 };
  while (((await graph?.store.relayEvents(options)) ?? 0) > 0);
}

/** Sends requests at their times and notes how long after these the answers were there. */
async function ask({ url, seconds, rate }: ApiLoad): Promise<AskSlice> {
  asked ??= await pageRequests(url);
  const pool = new Pool(url, { connections: CONNECTIONS });
  const random = new Random(Math.floor(seconds * rate));
  const order = random.shuffle(asked.flatMap((one) => Array.from({ length: one.share }, () => one))).slice(0, CYCLE);
  const times: Record<string, number[]> = Object.fromEntries(asked.map(({ what }) => [what, []]));
  const answers: Promise<void>[] = [];
  const start = performance.now();
  for (let number = 0; number < rate * seconds; number++) {
    const dueMs = start + (number * 1000) / rate;
    // A request whose time has passed while this thread was busy is sent at once, and its delay counts.
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    const { what, bodies } = order[number % CYCLE] as Asked;
    answers.push(askOnce(pool, random.pick(bodies)).then(() => void times[what]?.push(performance.now() - dueMs)));
  }
  await Promise.all(answers);
  await pool.close();
  return { times };
}

async function askOnce(pool: Pool, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await pool.request({ path: '/graphql', method: 'POST', headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200 || text.includes('"errors":['))
    throw new Error(`asking ${body}: ${text.slice(0, 500)}`);
}

/** Lets everybody wait for each of some posts, and notes how long after its commit each one heard of it. */
async function tell({ url, subscribers, posts }: ApiAudience): Promise<TellSlice> {
  const heard: number[][] = [];
  let everybody = () => {};
  const note = (event: number) => {
    const times = (heard[event] ??= []);
    if (times.push(performance.now()) === subscribers) everybody();
  };
  const leave = await Promise.all(Array.from({ length: subscribers }, () => subscribe(url, note)));
  const times: number[] = [];
  for (let post = 0; post < posts; post++) {
    const all = new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`an event did not reach everybody in ${LONGEST_MS} ms`)),
        LONGEST_MS,
      );
      everybody = () => {
        clearTimeout(late);
        resolve();
      };
    });
    await graph?.store.replacePosts([news(written++)]);
    const committed = performance.now();
    await Promise.all([relay(), all]);
    times.push(...(heard[post] ?? []).map((ms) => ms - committed));
  }
  for (const one of leave) one();
  return { times };
}

/** Subscribes over a connection of its own and calls with the number of each event that comes; gives a way to leave. */
function subscribe(url: string, onEvent: (number: number) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const request = send(`${url}/graphql`, { method: 'POST', headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`subscribing: status ${response.statusCode}`));
      let events = 0;
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split(EVENT);
        // The mark may come in two pieces.
        rest = parts.pop()?.slice(-EVENT.length) ?? '';
        for (const _ of parts) onEvent(events++);
      });
      response.on('error', () => {});
      resolve(() => response.destroy());
    });
    request.on('error', reject);
    request.end(JSON.stringify({ query: FOLLOW }));
  });
}

/** A post that says something new. */
function news(number: number): Extraction {
  const [one, other] = [`Fresh Person ${process.pid} ${number}`, `Fresh Club ${process.pid} ${number}`];
  return {
    schema: 1,
    post: {
      id: `news ${process.pid} ${number}`,
      platform: 'x',
      text: `${one} joins ${other}`,
      author: { id: `author ${number}` },
      createdAt: new Date().toISOString(),
      version: '0',
      images: [],
    },
    extractor: { bundle: 'bench', generation: 1 },
    images: [],
    mentions: [
      { id: 0, start: 0, end: one.length, text: one, type: 'PER', p: 0.9 },
      { id: 1, start: one.length + 7, end: one.length + 7 + other.length, text: other, type: 'ORG', p: 0.9 },
    ],
    relations: [{ type: '/per/org/member_of', head: 0, tail: 1, p: 0.9 }],
  };
}

serve({ fill, ask, tell });
