// What alerts cost and how soon they come: a service that decides with very many rules, and a receiver that waits for the
// webhook of each post that is sent to an API or into a topic.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { type Producer } from 'kafkajs';
import type * as ServiceModule from '../../src/alerts/alert-service.ts';
import type * as RuleModule from '../../src/alerts/rule.ts';
import type * as BookModule from '../../src/alerts/rule-book.ts';
import type * as SqliteModule from '../../src/graph/sqlite/sqlite-graph.ts';
import type * as LoggerModule from '../../src/telemetry/logger.ts';
import type * as TelemetryModule from '../../src/telemetry/telemetry.ts';
import { built } from '../harness/built.ts';
import { entityOf, extractions } from '../harness/extractions.ts';
import { processTime } from '../harness/machine.ts';
import type { JudgeSlice, WakeSlice } from '../harness/slices.ts';
import { serve } from './serve.ts';

/** Rules, and posts whose events they judge. */
export interface Judging {
  readonly rules: number;
  readonly posts: number;
  readonly batch: number;
}

/** How posts are sent, and how many. */
export interface Waking {
  readonly posts: number;
  /** An API that takes them; where there are brokers it only says which texts tell of a link. */
  readonly url: string;
  readonly kafka?: { readonly brokers: string; readonly topic: string };
}

const WATCHED = 10;
/** Longest wait for a webhook. */
const LONGEST_MS = 30_000;
const NAMES = [
  'Mara',
  'Ida',
  'Daniel',
  'Jonas',
  'Elena',
  'Victor',
  'Nadia',
  'Tomas',
  'Laura',
  'Felix',
  'Irene',
  'Oscar',
];
const SURNAMES = [
  'Lindqvist',
  'Berg',
  'Okafor',
  'Moreau',
  'Novak',
  'Ferrari',
  'Olsen',
  'Dubois',
  'Keller',
  'Rossi',
  'Jansen',
];
const CLUBS = ['Harbour Robotics', 'Northlight Films', 'Orbit Airlines', 'Summit Energy', 'Atlas Bank'];

/** Decides on events with very many rules, each for a few names of its own; the graph is made new. */
async function judge({ rules, posts, batch }: Judging): Promise<JudgeSlice> {
  const { sqliteGraph } = await built<typeof SqliteModule>('graph/sqlite/sqlite-graph.ts');
  const { AlertService } = await built<typeof ServiceModule>('alerts/alert-service.ts');
  const { RuleBook } = await built<typeof BookModule>('alerts/rule-book.ts');
  const { readRules } = await built<typeof RuleModule>('alerts/rule.ts');
  const { createLogger } = await built<typeof LoggerModule>('telemetry/logger.ts');
  const { createTelemetry } = await built<typeof TelemetryModule>('telemetry/telemetry.ts');
  const file = readRules(ruleData(rules));
  if ('problems' in file) throw new Error(JSON.stringify(file.problems));
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  const graph = await sqliteGraph({ path: join(folder, 'graph.db') });
  try {
    const service = new AlertService({
      store: graph.alerts,
      reader: graph.reader,
      book: new RuleBook({ file, store: graph.alerts }),
      sinks: new Map(),
      maxAgeMs: Number.MAX_SAFE_INTEGER,
      retentionMs: Number.MAX_SAFE_INTEGER,
      holder: 'bench',
      leaseMs: 10_000,
      pollMs: 1_000,
      events: createTelemetry(createLogger('silent')).events,
    });
    await service.pass();
    const all = [...extractions(0, posts)];
    for (let from = 0; from < posts; from += batch) await graph.store.replacePosts(all.slice(from, from + batch));
    const relaying = { holder: 'bench', leaseMs: 10_000, limit: 10_000 };
    while ((await graph.store.relayEvents(relaying)) > 0);
    const [from, cpu] = [performance.now(), processTime(process.pid)];
    await service.pass();
    const seconds = (performance.now() - from) / 1000;
    const cpuSeconds = processTime(process.pid) - cpu;
    const [events, alerts] = [await graph.reader.lastPosition(), await graph.alerts.lastAlertPlace()];
    return { events, alerts, seconds, cpuSeconds };
  } finally {
    await graph.reader[Symbol.asyncDispose]();
    await graph.store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

function ruleData(count: number): unknown {
  const numbers = [...Array(count).keys()];
  const watchlists = Object.fromEntries(
    numbers.map((number) => {
      const names = Array.from({ length: WATCHED }, (_, index) => entityOf(number * WATCHED + index).name);
      return [`list ${number}`, names];
    }),
  );
  const rules = numbers.map((number) => ({
    name: `rule ${number}`,
    when: 'fact.created',
    filter: {
      filters: [
        { key: 'either.watchlist', operator: 'eq', values: [`list ${number}`] },
        { key: 'confidence', operator: 'gte', values: [0.5] },
      ],
    },
    novelty: { of: 'pair', window: '1d' },
    throttle: { per: ['head'], every: '1h' },
  }));
  return { watchlists, rules };
}

let waiting: { readonly name: string; readonly heard: () => void } | undefined;
let producer: Producer | undefined;
let texts: { readonly name: string; readonly text: string }[] | undefined;
let sent = 0;

/** Starts the receiver and gives its address. */
async function receive(): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      response.writeHead(204).end();
      if (waiting && body.includes(waiting.name)) waiting.heard();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Sends posts one after the other, each when the webhook of the one before is there, and notes how long each took. */
async function wake({ posts, url, kafka }: Waking): Promise<WakeSlice> {
  texts ??= await tellingTexts(url);
  const times: number[] = [];
  for (let post = 0; post < posts; post++) {
    const one = texts[sent++];
    if (!one) throw new Error('waking: there are no more texts that tell of a new link');
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`no webhook for "${one.text}" in ${LONGEST_MS} ms`)), LONGEST_MS).unref();
    });
    const heard = new Promise<void>((resolve) => {
      waiting = { name: one.name, heard: resolve };
    });
    const from = performance.now();
    await (kafka ? produce(kafka, one.text) : submit(url, one.text));
    await Promise.race([heard, late]);
    times.push(performance.now() - from);
  }
  return { times };
}

async function produce({ brokers, topic }: NonNullable<Waking['kafka']>, text: string): Promise<void> {
  if (!producer) {
    const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
    producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
  }
  const author = { id: `author ${sent}` };
  const post = { id: `woken ${sent}`, platform: 'x', text, author, createdAt: new Date().toISOString() };
  await producer.send({ topic, acks: -1, messages: [{ key: author.id, value: JSON.stringify(post) }] });
}

async function submit(url: string, text: string): Promise<void> {
  const input = { text, author: { id: `author ${sent}` } };
  const query = 'mutation ($input: PostInput!) { submitPost(input: $input) { userErrors { message } } }';
  const { submitPost } = await ask<{ submitPost: { userErrors: unknown[] } }>(url, query, { input });
  if (submitPost.userErrors.length > 0) throw new Error(`sending "${text}": ${JSON.stringify(submitPost.userErrors)}`);
}

/** Texts in which the model finds a person and a link, each with a person of its own. */
async function tellingTexts(url: string): Promise<{ readonly name: string; readonly text: string }[]> {
  const query = 'query { __typename }';
  await ask(url, query, {});
  const preview =
    'mutation ($input: PostInput!) { previewPost(input: $input) { preview { relations { head { text } } } } }';
  const found: { name: string; text: string }[] = [];
  for (const surname of SURNAMES) {
    for (const [index, first] of NAMES.entries()) {
      const name = `${first} ${surname}`;
      const text = `${name} joins ${CLUBS[index % CLUBS.length]} today`;
      const { previewPost } = await ask<{ previewPost: Previewed }>(url, preview, { input: { text } });
      if (previewPost.preview?.relations.some(({ head }) => head.text === name)) found.push({ name, text });
    }
  }
  return found;
}

interface Previewed {
  readonly preview: { readonly relations: readonly { readonly head: { readonly text: string } }[] } | null;
}

async function ask<T>(url: string, query: string, variables: Record<string, unknown>): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors) throw new Error(`asking ${query}: ${JSON.stringify(errors)}`);
  return data;
}

serve({ judge, receive, wake });
