import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { decodeNativePost } from '../consumers/formats/native.ts';
import { JsonlRecordSource } from '../consumers/jsonl/jsonl-record-source.ts';
import { RejectedLines } from '../consumers/jsonl/rejected-lines.ts';
import type { OpenGraph } from '../graph/open-graph.ts';
import { DEMO_FOLDER, openApi, openExtractorLater, openGraph, openImages, openRelay, openTelemetry } from '../main.ts';
import { openAlerting } from '../main-alerts.ts';
import type { Extractor } from '../model/extractor.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { exitingWith, withJsonOption } from './support/command.ts';
import { describeSummary, IngestReport, type IngestSummary } from './support/ingest-report.ts';
import { openInput } from './support/input.ts';
import { printLine, tell } from './support/output.ts';
import { PacedRecordSource } from './support/paced-record-source.ts';
import { runEmbedded } from './support/run-embedded.ts';
import { listenForShutdown, type Shutdown } from './support/shutdown.ts';

interface DemoOptions {
  readonly fast?: boolean;
  readonly port?: string;
  readonly open: boolean;
  readonly json?: boolean;
}

const POST_INTERVAL_MS = 500;
const STATUS_EVERY_MS = 2_000;

/** Adds `grapevine demo`. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('run the bundled posts end to end in a temporary graph and keep the page and the API up')
    .option('--fast', 'as fast as possible instead of two posts a second')
    .option('--port <number>', 'port of the API, 0 for a free one (PORT; default 4000)')
    .option('--no-open', 'do not open a browser')
    .addHelpText('after', '\nExample:\n  $ grapevine demo --fast --no-open')
    .action(exitingWith(demo));
  withJsonOption(command);
}

async function demo(options: DemoOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-demo-'));
  try {
    return await runDemo(options, join(folder, 'demo.db'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runDemo(options: DemoOptions, database: string): Promise<number> {
  const config = loadConfig(undefined, {
    GRAPH_URL: `sqlite:${database}`,
    PORT: options.port,
    // Gone with the graph, as everything of the demo is.
    PICTURE_STORE: `folder:${join(dirname(database), 'pictures')}`,
  });
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  await using graph = await openGraph(config);
  await using model = openExtractorLater(config, telemetry, shutdown.abandon);
  await using relay = openRelay(graph.store, config, telemetry);
  await using alerting = openAlerting(graph, config, telemetry);
  alerting.start();
  const onCommit = () => relay.nudge();
  await using api = await openApi({
    graph,
    alerting,
    config,
    telemetry,
    extractor: model,
    throughKafka: false,
    onCommit,
  });
  const say = options.json ? tell : printLine;
  await say(`GraphQL and GraphiQL: ${api.url}/graphql`);
  await say(`Page: ${api.url}/`);
  if (options.open && process.stdout.isTTY) openBrowser(`${api.url}/`);
  const summary = await play(config, telemetry, graph, await model.get(), shutdown, options);
  if (options.json) await printLine(JSON.stringify({ url: `${api.url}/graphql`, ...summary }));
  else for (const line of describeSummary(summary)) await printLine(line);
  if (!shutdown.signal.aborted) {
    await say('The graph stays up until you press Ctrl-C.');
    await once(shutdown.signal, 'abort');
  }
  return shutdown.exitCode() ?? 0;
}

/** Sends the bundled posts down the line, as if each were published now. */
async function play(
  config: Config,
  telemetry: Telemetry,
  graph: OpenGraph,
  extractor: Extractor,
  shutdown: Shutdown,
  options: DemoOptions,
): Promise<IngestSummary> {
  const input = await openInput(join(DEMO_FOLDER, 'posts.jsonl'));
  await using images = await openImages(config, telemetry, { fallbackRoot: input.folder });
  const report = new IngestReport();
  const rejected = new RejectedLines();
  await using source = new PacedRecordSource(
    new JsonlRecordSource({ input: input.stream }),
    options.fast ? 0 : POST_INTERVAL_MS,
  );
  const status = setInterval(() => {
    // A look that fails says nothing; the run itself tells what is wrong.
    tellStatus(report, graph).catch(() => {});
  }, STATUS_EVERY_MS);
  try {
    await runEmbedded({
      config,
      telemetry,
      source,
      decode: decodeAsPublishedNow,
      images,
      extractor,
      store: graph.store,
      deadLetters: rejected,
      report,
      shutdown,
    });
  } finally {
    clearInterval(status);
  }
  return report.summary(rejected.counts, await graph.reader.stats());
}

function decodeAsPublishedNow(bytes: Uint8Array): ReturnType<typeof decodeNativePost> {
  const decoded = decodeNativePost(bytes);
  if ('rejected' in decoded || decoded.record.deleted || decoded.record.event) return decoded;
  return { record: { ...decoded.record, createdAt: new Date().toISOString() } };
}

async function tellStatus(report: IngestReport, graph: OpenGraph): Promise<void> {
  const { entities, facts } = await graph.reader.stats();
  tell(`${report.finished} posts, ${entities} entities, ${facts} relations`);
}

/** Opens the page where the desktop has a way to; a machine without one is no fault. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  spawn(command as string, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
