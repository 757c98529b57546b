import type { Command } from 'commander';
import { JsonlRecordSource } from '../consumers/jsonl/jsonl-record-source.ts';
import { RejectedLines } from '../consumers/jsonl/rejected-lines.ts';
import { openExtractor, openFormat, openGraph, openImages, openTelemetry } from '../main.ts';
import {
  configOf,
  exitingWith,
  type FormatOptions,
  type SettingOptions,
  withFormatOption,
  withGraphOption,
  withImageOption,
  withJsonOption,
  withModelOptions,
} from './support/command.ts';
import { describeSummary, IngestReport, type IngestSummary } from './support/ingest-report.ts';
import { openInput } from './support/input.ts';
import { printLine } from './support/output.ts';
import { startProgress } from './support/progress.ts';
import { tellRejected } from './support/rejections.ts';
import { type Resources, watchResources } from './support/resources.ts';
import { runEmbedded } from './support/run-embedded.ts';
import { listenForShutdown } from './support/shutdown.ts';

interface IngestOptions extends SettingOptions, FormatOptions {
  readonly json?: boolean;
  readonly resources?: boolean;
  /** False with `--no-alerts`. */
  readonly alerts: boolean;
}

/** Adds `grapevine ingest`. */
export function addIngest(program: Command): void {
  const command = program
    .command('ingest')
    .description('read posts from a file or a pipe into the graph')
    .argument('<file>', 'JSON Lines of posts, or frames of a platform; - for standard input')
    .option('--no-alerts', 'the posts are history: no alert rule fires at what they bring')
    .option('--resources', 'also report peak memory and the delay of the main thread')
    .addHelpText('after', '\nExample:\n  $ grapevine ingest posts.jsonl --graph sqlite:news.db')
    .action(exitingWith(ingest));
  for (const add of [withFormatOption, withGraphOption, withModelOptions, withImageOption, withJsonOption])
    add(command);
}

async function ingest(file: string, options: IngestOptions): Promise<number> {
  const config = configOf(options);
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const input = await openInput(file);
  await using graph = await openGraph(config, { quiet: !options.alerts });
  await using extractor = await openExtractor(config, telemetry, shutdown.abandon);
  await using images = await openImages(config, telemetry, { fallbackRoot: input.folder });
  const resources = options.resources ? watchResources() : undefined;
  const report = new IngestReport();
  const rejected = new RejectedLines();
  const progress = startProgress(input.size, options.json === true);
  const lines = new JsonlRecordSource({
    input: input.stream,
    maxLineBytes: config.MAX_LINE_BYTES,
    onBytes: (bytes) => progress.update(bytes, report.finished),
  });
  await using source = await openFormat(options.format, lines, config, telemetry, (frame) => report.seeFrame(frame));
  try {
    await runEmbedded({
      config,
      telemetry,
      source,
      images,
      extractor,
      store: graph.store,
      deadLetters: rejected,
      report,
      shutdown,
    });
  } finally {
    progress.stop();
  }
  const summary = report.summary(rejected.counts, await graph.reader.stats());
  await show(summary, rejected, resources?.stop(), options.json === true);
  return shutdown.exitCode() ?? 0;
}

async function show(
  summary: IngestSummary,
  rejected: RejectedLines,
  resources: Resources | undefined,
  json: boolean,
): Promise<void> {
  if (json) {
    const rejectedLines = rejected.lines.map(({ line, reason, message }) => ({ line, reason, message }));
    await printLine(JSON.stringify({ ...summary, rejectedLines, ...(resources && { resources }) }));
    return;
  }
  tellRejected(rejected);
  for (const line of describeSummary(summary)) await printLine(line);
  if (resources)
    await printLine(
      `  resources  ${Math.round(resources.peakRssBytes / 1e6)} MB at most, main thread p99 ${resources.eventLoopDelayP99Ms} ms late`,
    );
}
