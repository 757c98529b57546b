import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config.ts';
import { runAlert } from '../consumers/alert.ts';
import { runExtract } from '../consumers/extract.ts';
import { decodeNativePost } from '../consumers/formats/native.ts';
import { GraphExtractionSink } from '../consumers/graph-extraction-sink.ts';
import type { Circuit } from '../consumers/runtime/circuit.ts';
import type { StageGauges } from '../consumers/runtime/stage-gauges.ts';
import { runUpsert } from '../consumers/upsert.ts';
import {
  openCircuit,
  openExtractor,
  openGraph,
  openHealth,
  openImages,
  openKafka,
  openRelay,
  openStageGauges,
  openTelemetry,
  openUpsertWindow,
  openWindow,
} from '../main.ts';
import { openAlerting } from '../main-alerts.ts';
import type { KafkaParts } from '../main-kafka.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withModelOptions } from './support/command.ts';
import { printLine, tell } from './support/output.ts';
import { listenForShutdown, onAbort } from './support/shutdown.ts';

type StageName = 'extract' | 'upsert' | 'alert';

interface ConsumeOptions extends SettingOptions {
  readonly httpPort?: number;
}

/** How a stage stands. */
interface Shown {
  readonly source: ReturnType<KafkaParts['openSource']>;
  readonly circuits: readonly Circuit[];
}

/** What each running stage shares. */
interface Running {
  readonly config: Config;
  readonly telemetry: Telemetry;
  readonly kafka: KafkaParts;
  /** Asks for a clean end. */
  readonly signal: AbortSignal;
  /** Ends the waiting for what is in flight. */
  readonly abandon: AbortSignal;
  /** What each stage that has started shows of itself. */
  readonly shown: Map<StageName, Shown>;
  readonly gauges: StageGauges;
}

/** Adds `grapevine consume`. */
export function addConsume(program: Command): void {
  const command = program
    .command('consume')
    .description('work on the Kafka topics: posts -> extract -> extractions -> upsert -> graph, graph-events -> alert')
    .argument('<stage>', 'extract, upsert, alert, or all of them in this process', parseStage)
    .option('--alert-rules <file>', 'YAML file of alert rules (ALERT_RULES), beside those made over the API')
    .option('--image-root <dir>', 'folder of relative picture paths (IMAGE_ROOT; without one they are not read)')
    .option('--http-port <number>', 'serve /healthz, /readyz and /metrics on this port, 0 for a free one', parsePort)
    .addHelpText(
      'after',
      '\nExample:\n  $ KAFKA_BROKERS=127.0.0.1:9092 GRAPH_URL=neo4j://127.0.0.1:7687 grapevine consume all',
    )
    .action(exitingWith(consume));
  for (const add of [withGraphOption, withModelOptions]) add(command);
}

async function consume(stages: readonly StageName[], options: ConsumeOptions): Promise<number> {
  const config = configOf(options);
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  await using kafka = await openKafka(config, telemetry);
  const shown: Running['shown'] = new Map();
  const gauges = openStageGauges(telemetry);
  await using health =
    options.httpPort === undefined
      ? null
      : await openHealth(config, options.httpPort, telemetry, {
          notReady: () => firstReason(stages, (stage) => notReady(shown.get(stage))),
          notHealthy: () => firstReason(stages, (stage) => notHealthy(shown.get(stage), config.HEALTH_STALL_MS)),
        });
  if (health) tell(`health and metrics: ${health.url}`);
  // A stage that fails ends the others, so that the process ends and its supervisor can start it again.
  const failed = new AbortController();
  const signal = AbortSignal.any([shutdown.signal, failed.signal]);
  const abandoning = new AbortController();
  const giveUp = () => {
    abandoning.abort();
    // While Kafka is down its producer would try for ever.
    void kafka[Symbol.asyncDispose]();
  };
  onAbort(signal, () => setTimeout(giveUp, config.DRAIN_MS).unref());
  const running: Running = { config, telemetry, kafka, signal, abandon: abandoning.signal, shown, gauges };
  const runs = stages.map((stage) => RUNS[stage](running));
  await printLine(`consuming: ${stages.join(', ')}`);
  const results = await Promise.allSettled(
    runs.map(async (run) => {
      try {
        await run;
      } finally {
        failed.abort();
      }
    }),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return shutdown.exitCode() ?? 0;
}

const RUNS = { extract: consumePosts, upsert: consumeExtractions, alert: consumeEvents };

async function consumePosts(running: Running): Promise<void> {
  const { config, telemetry, kafka, signal, abandon } = running;
  await using extractor = await openExtractor(config, telemetry, abandon);
  await using images = await openImages(config, telemetry);
  await using source = kafka.openSource('extract');
  const window = openWindow(config);
  const circuits = [kafka.circuit];
  running.shown.set('extract', { source, circuits });
  running.gauges.watch({ name: 'extract', window, circuits });
  onAbort(signal, () => source.stop());
  await runExtract({
    source,
    decode: decodeNativePost,
    images,
    extractor,
    sink: kafka.extractions,
    deadLetters: kafka.openDeadLetters('extract'),
    window,
    telemetry,
    circuits,
    abandon,
    maxImages: config.IMAGES_PER_POST,
    skipUnsupportedLanguages: config.SKIP_UNSUPPORTED_LANGUAGES,
  });
}

async function consumeExtractions(running: Running): Promise<void> {
  const { config, telemetry, kafka, signal, abandon } = running;
  await using graph = await openGraph(config);
  await using relay = openRelay(graph.store, config, telemetry, kafka.publishEvents);
  const circuit = openCircuit('graph', telemetry);
  const circuits = [circuit, kafka.circuit];
  await using sink = new GraphExtractionSink({
    store: graph.store,
    batchSize: config.UPSERT_BATCH,
    telemetry,
    circuit,
    signal: abandon,
    onCommit: () => relay.nudge(),
  });
  await using source = kafka.openSource('upsert');
  const window = openUpsertWindow(config);
  running.shown.set('upsert', { source, circuits });
  running.gauges.watch({ name: 'upsert', window, circuits });
  onAbort(signal, () => source.stop());
  await runUpsert({
    source,
    sink,
    deadLetters: kafka.openDeadLetters('upsert'),
    window,
    telemetry,
    circuits,
    abandon,
  });
}

/** The log of events is in the graph, and there it is decided; Kafka tells at once that there is something to decide. */
async function consumeEvents(running: Running): Promise<void> {
  const { config, telemetry, kafka, signal, abandon } = running;
  await using graph = await openGraph(config);
  await using alerting = openAlerting(graph, config, telemetry);
  const alerts = alerting.start();
  await using source = kafka.openSource('alert');
  const window = openWindow(config);
  const circuits = [kafka.circuit];
  running.shown.set('alert', { source, circuits });
  running.gauges.watch({ name: 'alert', window, circuits });
  onAbort(signal, () => source.stop());
  const deadLetters = kafka.openDeadLetters('alert');
  await runAlert({ source, alerts, deadLetters, window, telemetry, circuits, abandon });
}

function firstReason(
  stages: readonly StageName[],
  judge: (stage: StageName) => string | undefined,
): string | undefined {
  for (const stage of stages) {
    const reason = judge(stage);
    if (reason !== undefined) return `${stage}: ${reason}`;
  }
  return undefined;
}

function notReady(shown: Shown | undefined): string | undefined {
  if (!shown) return 'starting';
  const open = shown.circuits.find((circuit) => circuit.open);
  if (open) return `${open.dependency} does not answer`;
  return shown.source.health.joined ? undefined : 'not a member of its consumer group yet';
}

/** A dependency that is down is no reason to start anew: the new process would find it down, too. */
function notHealthy(shown: Shown | undefined, stallMs: number): string | undefined {
  if (!shown || shown.circuits.some((circuit) => circuit.open)) return undefined;
  const { stalledSeconds, pending } = shown.source.health;
  if (stalledSeconds * 1000 < stallMs) return undefined;
  return `none of ${pending} records was finished for ${Math.round(stalledSeconds)} s`;
}

function parseStage(value: string): readonly StageName[] {
  if (value === 'all') return ['extract', 'upsert', 'alert'];
  if (value === 'extract' || value === 'upsert' || value === 'alert') return [value];
  throw new InvalidArgumentError('expected extract, upsert, alert or all');
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('expected 0 to 65535');
  return port;
}
