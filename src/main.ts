import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Api, startApi } from './api/server.ts';
import type { Config } from './config.ts';
import { FileImageLoader } from './consumers/images/file-image-loader.ts';
import type { ImageLoader } from './consumers/images/image-loader.ts';
import { Window } from './consumers/runtime/window.ts';
import { parseGraphUrl } from './graph/graph-url.ts';
import type { GraphReader } from './graph/graph-reader.ts';
import type { GraphStore, PublishEvents } from './graph/graph-store.ts';
import { neo4jGraph } from './graph/neo4j/neo4j-graph.ts';
import { EventRelay } from './graph/outbox/relay.ts';
import { sqliteGraph } from './graph/sqlite/sqlite-graph.ts';
import type { Extractor } from './model/extractor.ts';
import { createHvpnetExtractor } from './model/hvpnet-extractor.ts';
import { createLogger } from './telemetry/logger.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';

/** Both sides of one graph. */
export interface Graph {
  readonly store: GraphStore;
  readonly reader: GraphReader;
}

/** Folder of the bundle that ships with Grapevine. */
const DEFAULT_BUNDLE = fileURLToPath(new URL('../models/default', import.meta.url));

/** Folder of the demo's posts. */
export const DEMO_FOLDER = fileURLToPath(new URL('../examples/demo', import.meta.url));

/** Logs and metrics of this process. */
export function openTelemetry(config: Config): Telemetry {
  return createTelemetry(createLogger(config.LOG_LEVEL));
}

/** Opens the graph the settings name. Both sides are closed by `close`. */
export async function openGraph(config: Config): Promise<Graph & AsyncDisposable> {
  const target = parseGraphUrl(config.GRAPH_URL);
  const graph =
    target.kind === 'sqlite'
      ? await sqliteGraph({ path: target.path })
      : await neo4jGraph({
          url: target.url,
          username: config.NEO4J_USERNAME,
          password: config.NEO4J_PASSWORD,
          database: config.NEO4J_DATABASE,
          transactionRetryMs: config.NEO4J_RETRY_MS,
        });
  return {
    ...graph,
    async [Symbol.asyncDispose]() {
      await graph.store[Symbol.asyncDispose]();
      await graph.reader[Symbol.asyncDispose]();
    },
  };
}

/** Starts the model. */
export function openExtractor(config: Config, telemetry: Telemetry): Promise<Extractor> {
  return createHvpnetExtractor({
    bundleDir: config.BUNDLE_DIR === '' ? DEFAULT_BUNDLE : config.BUNDLE_DIR,
    workers: config.MODEL_WORKERS,
    tokenBudget: config.BATCH_TOKENS,
    imageCacheEntries: config.IMAGE_CACHE_ENTRIES,
    device: config.DEVICE,
    telemetry,
  });
}

/** Reads pictures below the image root of the settings, or below `fallbackRoot` where they name none. */
export function openImages(config: Config, fallbackRoot?: string): ImageLoader {
  return new FileImageLoader({ root: config.IMAGE_ROOT ?? fallbackRoot, maxBytes: config.IMAGE_MAX_BYTES });
}

/** The bound over everything in flight in one consumer. */
export function openWindow(config: Config): Window {
  return new Window({ records: config.WINDOW_RECORDS, bytes: config.WINDOW_BYTES });
}

/** Moves events out of the outbox while it is open; disposing it drains once more. */
export function openRelay(
  store: GraphStore,
  config: Config,
  telemetry: Telemetry,
  publish: PublishEvents = async () => {},
): EventRelay {
  return new EventRelay({
    store,
    holder: randomUUID(),
    intervalMs: config.RELAY_INTERVAL_MS,
    leaseMs: config.RELAY_LEASE_MS,
    publish,
    telemetry,
  });
}

/** Starts the GraphQL API on the graph. */
export function openApi(reader: GraphReader, config: Config, telemetry: Telemetry): Promise<Api> {
  return startApi({ reader, host: config.HOST, port: config.PORT, pollMs: config.EVENT_POLL_MS, telemetry });
}
