import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiOptions, startApi } from '../../src/api/server.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';

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

/** Starts an API on a free port; `wrap` may put something between it and the graph. */
export async function openTestApi(
  options: Partial<ApiOptions> & { wrap?: (reader: GraphReader) => GraphReader } = {},
): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-api-'));
  const path = join(folder, 'graph.db');
  const graph = await sqliteGraph({ path });
  const { wrap = (reader) => reader, ...rest } = options;
  const telemetry = createTelemetry(createLogger('silent'));
  const api = await startApi({
    reader: wrap(graph.reader),
    host: '127.0.0.1',
    port: 0,
    pollMs: 20,
    credentials: [],
    requireToken: false,
    corsOrigins: new Set(),
    pictures: undefined,
    pictureKey: '',
    page: undefined,
    telemetry,
    ...rest,
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
      await graph.reader[Symbol.asyncDispose]();
      await graph.store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
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
