import type { Command } from 'commander';
import { JsonlRecordSource } from '../../consumers/jsonl/jsonl-record-source.ts';
import { GrapevineError } from '../../errors.ts';
import { digest } from '../../graph/digest.ts';
import { GraphRestorer, type Restored, requireEmpty } from '../../graph/export/restore-graph.ts';
import type { OpenGraph } from '../../graph/open-graph.ts';
import { openGraph, openTelemetry } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { type Input, openInput } from '../support/input.ts';
import { formatCount, formatReasons, printLine, tell } from '../support/output.ts';
import { MAX_LINE_BYTES, type Replayed, replayExtractions } from '../support/replay-extractions.ts';
import { listenForShutdown, type Shutdown } from '../support/shutdown.ts';

interface RebuildOptions extends SettingOptions {
  readonly from?: string;
  readonly extractions?: string;
  readonly json?: boolean;
}

const MORE = `
The graph must be a new one. What the export has keeps its times. Nobody is told of what is put back: the old graph has
told it.

Examples:
  $ grapevine graph rebuild --from news.jsonl --graph sqlite:again.db
  $ grapevine graph rebuild --from news.jsonl --extractions topic --graph neo4j://127.0.0.1:7687
  $ grapevine graph rebuild --extractions extractions.jsonl --graph sqlite:again.db`;

/** Adds `grapevine graph rebuild`. */
export function addGraphRebuild(graph: Command): void {
  const command = graph
    .command('rebuild')
    .description('make the graph anew from an export and the extractions since, without a model')
    .option('--from <file>', 'what `graph export --format jsonl` wrote; the newest there is')
    .option(
      '--extractions <file>',
      'JSON lines that `extract` printed, or "topic" for all that the topic holds (KAFKA_TOPIC_EXTRACTIONS)',
    )
    .addHelpText('after', MORE)
    .action(exitingWith(rebuild));
  withJsonOption(withGraphOption(command));
}

async function rebuild({ from, extractions, json, ...options }: RebuildOptions): Promise<number> {
  if (from === undefined && extractions === undefined) {
    throw new GrapevineError('USAGE', 'rebuilding the graph: from what? give --from, --extractions or both');
  }
  const config = configOf(options);
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const started = performance.now();
  const exported = from === undefined ? undefined : await openInput(from);
  if (extractions === '-') {
    throw new GrapevineError('USAGE', 'rebuilding the graph: --extractions is read twice; give a file, or "topic"');
  }
  await using graph = await openGraph(config);
  await requireEmpty(graph.reader);
  const restored = exported && (await restore(exported, graph, shutdown));
  const replayed =
    extractions === undefined
      ? undefined
      : await replayExtractions(extractions, { config, telemetry, store: graph.store, shutdown });
  if (shutdown.signal.aborted) {
    tell('the graph is not whole: begin again with a new one');
    return shutdown.exitCode() || 1;
  }
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const found = { restored, replayed, digest: await digest(graph.reader), seconds };
  if (json) await printLine(JSON.stringify(found));
  else describe(found);
  return 0;
}

async function restore({ stream }: Input, { store }: OpenGraph, shutdown: Shutdown): Promise<Restored | undefined> {
  const source = new JsonlRecordSource({ input: stream, maxLineBytes: MAX_LINE_BYTES });
  shutdown.onStop(() => source.stop());
  const restorer = new GraphRestorer(store);
  await source.run(async ({ value, position }) => restorer.add(Buffer.from(value ?? []).toString(), position));
  return shutdown.signal.aborted ? undefined : restorer.finish();
}

function describe(found: {
  restored: Restored | undefined;
  replayed: Replayed | '' | undefined;
  digest: string;
}): void {
  if (found.restored) {
    const { posts, facts } = found.restored;
    tell(`${formatCount(posts)} posts and ${formatCount(facts)} facts of the export are back`);
  }
  if (found.replayed) {
    tell(`extractions: ${formatReasons(found.replayed.outcomes)}`);
    const { rejected } = found.replayed;
    if (Object.keys(rejected).length > 0) tell(`rejected: ${formatReasons(rejected)}`);
  }
  tell(`the graph's digest is ${found.digest}`);
}
