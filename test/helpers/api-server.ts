import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertRules } from '../../src/alerts/rule.ts';
import { NO_RULES, RuleBook } from '../../src/alerts/rule-book.ts';
import type { Alerting } from '../../src/api/alerting.ts';
import { type ApiOptions, startApi } from '../../src/api/server.ts';
import { loadConfig } from '../../src/config.ts';
import type { RecordSink } from '../../src/consumers/source.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { openAlerting } from '../../src/main-alerts.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { testWriting } from './api-writing.ts';
import type { GraphAdapter, TestDatabase } from './graph-adapters.ts';

/** Answer to a GraphQL request, with what tests look at. */
export interface Answer {
  readonly status: number;
  // Any: the shape is the query's.
  readonly data: any;
  readonly errors: readonly { message: string; path?: readonly string[]; extensions: { code: string } }[] | undefined;
}

/** An API over a SQLite graph in a folder of its own. */
export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly path: string;
  readonly store: GraphStore;
  /** Sends a query as a JSON POST. */
  query(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  /** Publishes what waits in the outbox. */
  relay(): Promise<number>;
  close(): Promise<void>;
}

/** What a test may do otherwise than usual. */
export interface TestApiOptions extends Partial<Omit<ApiOptions, 'writing'>> {
  /** Decides on alerts, as a server does. */
  readonly decides?: boolean;
  /** What a file of alert rules says. */
  readonly rules?: AlertRules;
  /** Puts something between the API and the graph. */
  readonly wrap?: (reader: GraphReader) => GraphReader;
  /** Where posts are sent instead of into the graph. */
  readonly log?: RecordSink;
  /** An open graph instead of a new one; who opened it closes it. */
  readonly graph?: OpenGraph;
}

/** Starts an API on a free port. */
export async function openTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-api-'));
  const path = join(folder, 'graph.db');
  const graph = options.graph ?? (await sqliteGraph({ path }));
  const { wrap = (reader) => reader, log, graph: given, rules = NO_RULES, decides, ...rest } = options;
  const { telemetry = createTelemetry(createLogger('silent')), pictures } = options;
  const writing = testWriting({ store: graph.store, telemetry, pictures, ...(log && { log }) });
  const deciding = decides ? openAlerting(graph, loadConfig({ EVENT_POLL_MS: '20' }), telemetry) : undefined;
  deciding?.start();
  const api = await startApi({
    reader: wrap(graph.reader),
    writing,
    alerting: deciding ?? undecided(graph, rules),
    host: '127.0.0.1',
    port: 0,
    pollMs: 20,
    credentials: [],
    requireToken: false,
    corsOrigins: new Set(),
    costPerMinute: 0,
    introspection: true,
    pictures: undefined,
    pictureKey: '',
    page: undefined,
    ...rest,
    telemetry,
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= api.close();
    return closed;
  };
  return {
    url: api.url,
    path,
    store: graph.store,
    close,
    query: (query, variables, headers) => ask(api.url, query, variables, headers),
    relay: () => relayAll(graph.store),
    async [Symbol.asyncDispose]() {
      await close();
      await deciding?.[Symbol.asyncDispose]();
      await writing[Symbol.asyncDispose]();
      if (!given) {
        await graph.reader[Symbol.asyncDispose]();
        await graph.store[Symbol.asyncDispose]();
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An API over an empty graph of one kind. */
export interface TestApiOn extends TestApi {
  /** The graph, for tests that empty it or let another process open it. */
  readonly database: TestDatabase;
}

/** Starts an API on a graph of the given kind: what is shown to clients is tested on every kind. */
export async function openTestApiOn(adapter: GraphAdapter, options: TestApiOptions = {}): Promise<TestApiOn> {
  const clock = {
    get nowMs() {
      return Date.now();
    },
  };
  const database = await adapter.database(clock);
  const api = await openTestApi({ ...options, graph: await database.open() });
  return {
    ...api,
    database,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Alerting without anybody who decides. */
function undecided({ alerts }: OpenGraph, file: AlertRules): Alerting {
  const book = new RuleBook({ file, store: alerts });
  return { book, log: alerts, maxAgeMs: 86_400_000, sendTest: async () => undefined };
}

/** Publishes every event that waits in the outbox of a store. */
export function relayAll(store: GraphStore): Promise<number> {
  return store.relayEvents({ holder: 'test', leaseMs: 10_000, limit: 10_000, publish: async () => {} });
}

async function ask(
  url: string,
  query: string,
  variables?: Record<string, unknown>,
  headers?: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as Omit<Answer, 'status'>;
  return { status: response.status, data, errors };
}
