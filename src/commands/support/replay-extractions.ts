import type { Config } from '../../config.ts';
import { decodeExtraction } from '../../consumers/formats/extraction.ts';
import { GraphExtractionSink } from '../../consumers/graph-extraction-sink.ts';
import { FilteredSource } from '../../consumers/jsonl/filtered-source.ts';
import { JsonlRecordSource } from '../../consumers/jsonl/jsonl-record-source.ts';
import { RejectedLines } from '../../consumers/jsonl/rejected-lines.ts';
import type { RecordSource, SourceRecord } from '../../consumers/record-source.ts';
import { runUpsert } from '../../consumers/upsert.ts';
import type { GraphStore } from '../../graph/graph-store.ts';
import { openExtractionScan, openUpsertWindow } from '../../main.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { openInput } from './input.ts';
import type { Shutdown } from './shutdown.ts';

/** Extractions as they were applied, by what each did. */
export interface Replayed {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
}

/** Longest line: a post is one, however much it says. */
export const MAX_LINE_BYTES = 64 * 1_048_576;

/** What a replay works with. */
export interface ReplayTools {
  readonly config: Config;
  readonly telemetry: Telemetry;
  readonly store: GraphStore;
  readonly shutdown: Shutdown;
}

/**
 * Applies extractions of a file, or of the topic for `topic`, and tells nobody. Two passes: what takes content away goes
 * first, so that nothing which is gone is there even for a moment.
 */
export async function replayExtractions(from: string, tools: ReplayTools): Promise<Replayed> {
  const outcomes: Record<string, number> = {};
  const rejected = new RejectedLines();
  for (const isWanted of [takesAway, (record: SourceRecord) => !takesAway(record)]) {
    if (tools.shutdown.signal.aborted) break;
    await using source = new FilteredSource(await openExtractions(from, tools), isWanted);
    await replayPass(source, tools, rejected, outcomes);
  }
  return { outcomes, rejected: rejected.counts };
}

async function openExtractions(from: string, { config, telemetry }: ReplayTools): Promise<RecordSource> {
  if (from === 'topic') return openExtractionScan(config, telemetry);
  const { stream } = await openInput(from);
  return new JsonlRecordSource({ input: stream, maxLineBytes: MAX_LINE_BYTES });
}

function takesAway({ value }: SourceRecord): boolean {
  const decoded = value === null ? undefined : decodeExtraction(value);
  return decoded !== undefined && 'record' in decoded && !('text' in decoded.record.post);
}

async function replayPass(
  source: RecordSource,
  { config, telemetry, store, shutdown }: ReplayTools,
  rejected: RejectedLines,
  outcomes: Record<string, number>,
): Promise<void> {
  shutdown.onStop(() => source.stop());
  await using sink = new GraphExtractionSink({
    store,
    batchSize: config.UPSERT_BATCH,
    telemetry,
    signal: shutdown.abandon,
    onOutcome: (_, outcome) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
  });
  const window = openUpsertWindow(config);
  await runUpsert({ source, sink, deadLetters: rejected, window, telemetry, abandon: shutdown.abandon });
  await store.forgetEvents();
}
