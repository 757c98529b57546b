import type { Config } from '../../config.ts';
import type { DeadLetters } from '../../consumers/dead-letters.ts';
import { type ExtractOptions, runExtract } from '../../consumers/extract.ts';
import { decodeNativePost } from '../../consumers/formats/native.ts';
import { GraphExtractionSink } from '../../consumers/graph-extraction-sink.ts';
import type { ImageLoader } from '../../consumers/images/image-loader.ts';
import type { RecordSource } from '../../consumers/record-source.ts';
import type { GraphStore } from '../../graph/graph-store.ts';
import { openRelay, openWindow } from '../../main.ts';
import type { Extractor } from '../../model/extractor.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { IngestReport } from './ingest-report.ts';
import type { Shutdown } from './shutdown.ts';

/** Parts of the whole line in one process: posts in, graph out. */
export interface EmbeddedRun {
  readonly config: Config;
  readonly telemetry: Telemetry;
  readonly source: RecordSource;
  readonly decode?: ExtractOptions['decode'];
  readonly images: ImageLoader;
  readonly extractor: Extractor;
  readonly store: GraphStore;
  readonly deadLetters: DeadLetters;
  readonly report: IngestReport;
  readonly shutdown: Shutdown;
}

/** Runs posts through the model into the graph until the source ends, then drains the outbox. */
export async function runEmbedded(run: EmbeddedRun): Promise<void> {
  const { config, telemetry } = run;
  await using relay = openRelay(run.store, config, telemetry);
  await using sink = new GraphExtractionSink({
    store: run.store,
    batchSize: config.UPSERT_BATCH,
    telemetry,
    signal: run.shutdown.abandon,
    onOutcome: (extraction, outcome) => run.report.add(extraction, outcome),
    onCommit: () => relay.nudge(),
  });
  run.shutdown.onStop(() => run.source.stop());
  await runExtract({
    source: run.source,
    decode: run.decode ?? decodeNativePost,
    images: run.images,
    extractor: run.extractor,
    sink,
    deadLetters: run.deadLetters,
    window: openWindow(config),
    telemetry,
    abandon: run.shutdown.abandon,
    maxImages: config.IMAGES_PER_POST,
    skipUnsupportedLanguages: config.SKIP_UNSUPPORTED_LANGUAGES,
  });
}
