import type { Command } from 'commander';
import { JsonlRecordSource } from '../consumers/jsonl/jsonl-record-source.ts';
import { RejectedLines } from '../consumers/jsonl/rejected-lines.ts';
import { openExtractor, openGraph, openImages, openTelemetry } from '../main.ts';
import {
  configOf,
  exitingWith,
  type SettingOptions,
  withFormatOption,
  withGraphOption,
  withImageOption,
  withJsonOption,
  withModelOptions,
} from './command.ts';
import { describeSummary, IngestReport, type IngestSummary } from './ingest-report.ts';
import { openInput } from './input.ts';
import { printLine, tell } from './output.ts';
import { startProgress } from './progress.ts';
import { type Resources, watchResources } from './resources.ts';
import { runEmbedded } from './run-embedded.ts';
import { listenForShutdown } from './shutdown.ts';

interface IngestOptions extends SettingOptions {
  readonly json?: boolean;
  readonly resources?: boolean;
}

const SHOWN_LINES = 20;

/** Adds `grapevine ingest`. */
export function addIngest(program: Command): void {
  const command = program
    .command('ingest')
    .description('read posts from a file or a pipe into the graph')
    .argument('<file>', 'JSON Lines of posts; - for standard input')
    .option('--resources', 'also report peak memory and the delay of the main thread')
    .addHelpText('after', '\nExample:\n  $ grapevine ingest posts.jsonl --graph sqlite:news.db')
    .action(exitingWith(ingest));
  for (const add of [withFormatOption, withGraphOption, withModelOptions, withImageOption, withJsonOption])
    add(command);
}

async function ingest(file: string, options: IngestOptions): Promise<number> {
  const config = configOf(options);
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(20_000);
  const input = await openInput(file);
  await using graph = await openGraph(config);
  await using extractor = await openExtractor(config, telemetry);
  const resources = options.resources ? watchResources() : undefined;
  const report = new IngestReport();
  const rejected = new RejectedLines();
  const progress = startProgress(input.size, options.json === true);
  await using source = new JsonlRecordSource({
    input: input.stream,
    maxLineBytes: config.MAX_LINE_BYTES,
    onBytes: (bytes) => progress.update(bytes, report.finished),
  });
  try {
    const images = openImages(config, input.folder);
    const { signal } = shutdown;
    await runEmbedded({
      config,
      telemetry,
      source,
      images,
      extractor,
      store: graph.store,
      deadLetters: rejected,
      report,
      signal,
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
    await printLine(JSON.stringify({ ...summary, ...(resources && { resources }) }));
    return;
  }
  for (const line of rejected.lines.slice(0, SHOWN_LINES))
    tell(`rejected ${line.position}: ${line.reason}: ${line.message}`);
  const hidden = rejected.lines.length - SHOWN_LINES;
  if (hidden > 0) tell(`rejected ${hidden} more: --json counts them by reason, LOG_LEVEL=warn names each`);
  for (const line of describeSummary(summary)) await printLine(line);
  if (resources)
    await printLine(
      `  resources  ${Math.round(resources.peakRssBytes / 1e6)} MB at most, main thread p99 ${resources.eventLoopDelayP99Ms} ms late`,
    );
}
