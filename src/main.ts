import { fileURLToPath } from 'node:url';
import type { Credentials } from './access/credentials.ts';
import { FolderTokenStore } from './access/folder/folder-token-store.ts';
import { MetricsGuard } from './access/metrics-guard.ts';
import { TokenCredentials } from './access/token-credentials.ts';
import type { TokenStore } from './access/token-store.ts';
import type { Alerting } from './api/alerting.ts';
import type { Config } from './config.ts';
import type { DecodedFrame, FrameFormat } from './consumers/formats/frame.ts';
import { HealthServer, type HealthServerOptions } from './consumers/http/health-server.ts';
import type { TopicReport } from './consumers/kafka/topics.ts';
import type { RecordSource } from './consumers/record-source.ts';
import { Circuit } from './consumers/runtime/circuit.ts';
import { Lazy } from './consumers/runtime/lazy.ts';
import { createStageGauges, type StageGauges } from './consumers/runtime/stage-gauges.ts';
import { Window } from './consumers/runtime/window.ts';
import type { RecordSink } from './consumers/source.ts';
import type { OpenGraph } from './graph/open-graph.ts';
import type { DeadLetterOffice, KafkaParts } from './main-kafka.ts';
import { openImages, openPictures } from './main-pictures.ts';
import type { LiveSource, LiveSourceOptions } from './main-sources.ts';
import type { Extractor } from './model/extractor.ts';
import { items } from './settings/kinds.ts';
import { createLogger } from './telemetry/logger.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';

export { migrateGraph, openGraph, openRelay } from './main-graph.ts';
export { openImages, openPictures } from './main-pictures.ts';

/** Folder of the bundle that ships with Grapevine. */
const DEFAULT_BUNDLE = fileURLToPath(new URL('../models/default', import.meta.url));

/** Folder of the page that `npm run build` makes. */
const PAGE_FOLDER = fileURLToPath(new URL('../dist/web', import.meta.url));

/** Folder of the demo's posts. */
export const DEMO_FOLDER = fileURLToPath(new URL('../examples/demo', import.meta.url));

/** Logs and metrics of this process. */
export function openTelemetry(config: Config): Telemetry {
  return createTelemetry(createLogger(config.LOG_LEVEL));
}

/** Starts the model. After `abandon` aborts, closing it does not wait for posts that have not been begun. */
export async function openExtractor(config: Config, telemetry: Telemetry, abandon: AbortSignal): Promise<Extractor> {
  const { createHvpnetExtractor } = await import('./model/hvpnet-extractor.ts');
  return createHvpnetExtractor({
    bundleDir: config.BUNDLE_DIR === '' ? DEFAULT_BUNDLE : config.BUNDLE_DIR,
    workers: config.MODEL_WORKERS,
    maxInFlight: config.MODEL_IN_FLIGHT,
    ...(config.BATCH_TOKENS !== undefined && { tokenBudget: config.BATCH_TOKENS }),
    imageCacheBytes: config.IMAGE_CACHE_BYTES,
    ...(config.REGION_DETECTOR !== undefined && { detector: config.REGION_DETECTOR }),
    device: config.DEVICE,
    telemetry,
    abandon,
  });
}

/** The bound over everything in flight in one consumer. */
export function openWindow(config: Config): Window {
  return new Window({ records: config.WINDOW_RECORDS, bytes: config.WINDOW_BYTES });
}

/** Bounds what is in flight on the way into the graph: large transactions need many at once, and each is small. */
export function openUpsertWindow(config: Config): Window {
  return new Window({ records: config.UPSERT_WINDOW_RECORDS, bytes: config.WINDOW_BYTES });
}

/** Serves health and metrics of a consumer. */
export async function openHealth(
  config: Config,
  port: number,
  telemetry: Telemetry,
  judge: Pick<HealthServerOptions, 'notHealthy' | 'notReady'>,
): Promise<HealthServer> {
  const { HOST: host, METRICS_OPEN: isOpen } = config;
  const guard = new MetricsGuard({ host, credentials: await openCredentials(config), isOpen });
  return HealthServer.start({ host, port, registry: telemetry.registry, guard, ...judge });
}

/** Shows windows and circuits of the stages of this process; once for each telemetry. */
export function openStageGauges({ registry }: Telemetry): StageGauges {
  return createStageGauges(registry);
}

/** A circuit of a dependency that tells when it opens and closes. */
export function openCircuit(dependency: string, { events }: Telemetry): Circuit {
  return new Circuit(dependency, (open) => events.circuitChanged({ dependency, open }));
}

/** Opens the store of API tokens. */
export function openTokens(config: Config): TokenStore {
  return new FolderTokenStore(config.API_TOKENS_DIR);
}

/** What lets callers in: tokens, and JSON Web Tokens where the settings name their issuer. @throws {CONFIG_INVALID} */
async function openCredentials(config: Config): Promise<readonly Credentials[]> {
  const tokens = new TokenCredentials(openTokens(config));
  const { API_JWT_ISSUER: issuer, API_JWT_AUDIENCE: audience, API_JWT_JWKS_URL: url, API_JWT_KEYS: file = '' } = config;
  if (issuer === undefined || audience === undefined) return [tokens];
  const [{ JwtCredentials }, { keysInFile, remoteKeys }] = await Promise.all([
    import('./access/jwt/jwt-credentials.ts'),
    import('./access/jwt/jwt-keys.ts'),
  ]);
  const { API_JWT_SCOPE_CLAIM: scopeClaim, API_JWT_SCOPE_PREFIX: scopePrefix } = config;
  const keys = url === '' ? keysInFile(file) : remoteKeys(url);
  return [tokens, new JwtCredentials(keys, { issuer, audience, scopeClaim, scopePrefix })];
}

/** What the API is started with. */
export interface ApiParts {
  readonly graph: OpenGraph;
  readonly alerting: Alerting;
  readonly config: Config;
  readonly telemetry: Telemetry;
  /** Reads the posts that are sent to the API. */
  readonly extractor: Lazy<Extractor>;
  /** Sends these posts to Kafka, where the settings name brokers, instead of into the graph. */
  readonly throughKafka: boolean;
  /** Called after each change of the graph. */
  readonly onCommit: () => void;
}

/** The model, loaded when it is first asked for. */
export function openExtractorLater(...args: Parameters<typeof openExtractor>): Lazy<Extractor> {
  return new Lazy(() => openExtractor(...args));
}

/** Starts the GraphQL API on the graph. */
export async function openApi(parts: ApiParts): Promise<AsyncDisposable & { readonly url: string }> {
  const { graph, config, telemetry } = parts;
  const { startApi } = await import('./api/server.ts');
  const { openWriting } = await import('./main-submit.ts');
  const writing = openWriting({
    config,
    telemetry,
    store: graph.store,
    extractor: parts.extractor,
    openImages: (uploads, keeps) => openImages(config, telemetry, { uploads, keeps }),
    openLog: parts.throughKafka && config.KAFKA_BROKERS ? () => openPostLog(config, telemetry) : undefined,
    onCommit: parts.onCommit,
  });
  const pictures = await openPictures(config);
  const { API_OPERATIONS: operations } = config;
  const api = await startApi({
    reader: graph.reader,
    writing,
    alerting: parts.alerting,
    host: config.HOST,
    port: config.PORT,
    pollMs: config.EVENT_POLL_MS,
    credentials: await openCredentials(config),
    requireToken: config.API_REQUIRE_TOKEN,
    corsOrigins: new Set(items(config.API_CORS_ORIGINS)),
    costPerMinute: config.API_COST_PER_MINUTE,
    introspection: config.API_INTROSPECTION,
    operations: operations === undefined ? undefined : { path: operations, isOnly: config.API_OPERATIONS_ONLY },
    pictures,
    pictureKey: config.PICTURE_LINK_KEY,
    page: PAGE_FOLDER,
    telemetry,
  });
  return {
    url: api.url,
    async [Symbol.asyncDispose]() {
      await api.close();
      await writing[Symbol.asyncDispose]();
      await pictures?.[Symbol.asyncDispose]();
    },
  };
}

/** Connects to Kafka. @throws {KAFKA_UNREACHABLE} and, where topics are missing, {KAFKA_FAILED} */
export async function openKafka(config: Config, telemetry: Telemetry): Promise<KafkaParts> {
  const { connectKafka } = await import('./main-kafka.ts');
  return connectKafka(config, telemetry);
}

async function openPostLog(config: Config, telemetry: Telemetry): Promise<RecordSink> {
  const { openRecordLog } = await import('./main-kafka.ts');
  return openRecordLog(config, telemetry, config.KAFKA_TOPIC_POSTS);
}

/** Finds the dead letters of both stages. @throws {KAFKA_UNREACHABLE} and, where topics are missing, {KAFKA_FAILED} */
export async function openLetters(config: Config, telemetry: Telemetry): Promise<DeadLetterOffice> {
  const { openDeadLetterOffice } = await import('./main-kafka.ts');
  return openDeadLetterOffice(config, telemetry);
}

/** Reads all extractions that the topic holds, once. @throws {KAFKA_UNREACHABLE} and, where it is missing, {KAFKA_FAILED} */
export async function openExtractionScan(config: Config, telemetry: Telemetry): Promise<RecordSource> {
  const { openExtractionScan: open } = await import('./main-kafka.ts');
  return open(config, telemetry);
}

/** Makes the topics that are missing. */
export async function makeTopics(config: Config, telemetry: Telemetry): Promise<readonly TopicReport[]> {
  const { createMissingTopics } = await import('./main-kafka.ts');
  return createMissingTopics(config, telemetry);
}

/** Reads a file in the given format as records of the native one. */
export async function openFormat(
  format: 'native' | FrameFormat,
  source: RecordSource,
  config: Config,
  telemetry: Telemetry,
  onFrame: (frame: DecodedFrame) => void = () => {},
): Promise<RecordSource> {
  if (format === 'native') return source;
  const { openFrames } = await import('./main-sources.ts');
  return openFrames(format, source, config, telemetry, onFrame);
}

/** Follows a platform from where the last run left off. @throws {CONFIG_INVALID} */
export async function openLive(
  platform: FrameFormat,
  config: Config,
  telemetry: Telemetry,
  options: LiveSourceOptions,
): Promise<LiveSource> {
  const { openLiveSource } = await import('./main-sources.ts');
  return openLiveSource(platform, config, telemetry, options);
}
