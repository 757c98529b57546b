import { join } from 'node:path';
import type { DeadLetters } from '../../src/consumers/dead-letters.ts';
import { runExtract } from '../../src/consumers/extract.ts';
import { decodeNativePost } from '../../src/consumers/formats/native.ts';
import { GraphExtractionSink } from '../../src/consumers/graph-extraction-sink.ts';
import { FileImageLoader } from '../../src/consumers/images/file-image-loader.ts';
import type { ScannedRecord } from '../../src/consumers/kafka/scan-topics.ts';
import type { RecordSource, SourceRecord } from '../../src/consumers/record-source.ts';
import { Window } from '../../src/consumers/runtime/window.ts';
import { runUpsert } from '../../src/consumers/upsert.ts';
import type { Extraction } from '../../src/domain/extraction.ts';
import { digest } from '../../src/graph/digest.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { expectedGraph } from '../helpers/graph-oracle.ts';
import { factsExtractor } from './facts-extractor.ts';

/** What the records of a run must end in. */
export interface Reference {
  /** Lines of the graph's digest, from the records alone. */
  readonly lines: readonly string[];
  /** Digest of the graph that an embedded run, without faults, makes of the same records. */
  readonly digest: string;
  /** Where records stand that the extract stage must reject: `partition@offset`. */
  readonly rejectedPosts: ReadonlySet<string>;
  /** Extractions that the upsert stage must reject, as JSON. */
  readonly rejectedExtractions: ReadonlySet<string>;
}

/** Runs the posts of a topic through both stages in this process, without Kafka, into a SQLite graph. */
export async function referenceOf(
  posts: readonly ScannedRecord[],
  place: { readonly folder: string; readonly name: string; readonly imageRoot: string },
): Promise<Reference> {
  const telemetry = createTelemetry(createLogger('silent'));
  const { signal } = new AbortController();
  const shared = () => ({ window: new Window({ records: 64, bytes: 1 << 26 }), telemetry, abandon: signal });
  const extractions: Extraction[] = [];
  const rejectedPosts = new Set<string>();
  await runExtract({
    ...shared(),
    source: sourceOf(
      posts.map(({ value, partition, offset, timestampMs }) => {
        return { value, position: `${partition}@${offset}`, timestampMs };
      }),
    ),
    decode: decodeNativePost,
    images: new FileImageLoader({ root: place.imageRoot }),
    extractor: factsExtractor({ patient: false }),
    sink: { write: async (extraction) => void extractions.push(extraction), async [Symbol.asyncDispose]() {} },
    deadLetters: collecting(({ position }) => rejectedPosts.add(position)),
    maxImages: 4,
    skipUnsupportedLanguages: true,
  });
  const graph = await sqliteGraph({ path: join(place.folder, `${place.name}-reference.db`) });
  await using store = graph.store;
  await using reader = graph.reader;
  const rejectedExtractions = new Set<string>();
  await using sink = new GraphExtractionSink({ store, batchSize: 64, telemetry, signal });
  await runUpsert({
    ...shared(),
    source: sourceOf(
      extractions.map((extraction) => ({ value: Buffer.from(JSON.stringify(extraction)), position: '' })),
    ),
    sink,
    deadLetters: collecting(({ value }) => rejectedExtractions.add(Buffer.from(value ?? []).toString())),
  });
  const kept = extractions.filter((extraction) => !rejectedExtractions.has(JSON.stringify(extraction)));
  return { lines: expectedGraph(kept).lines, digest: await digest(reader), rejectedPosts, rejectedExtractions };
}

function collecting(keep: (record: SourceRecord) => void): DeadLetters {
  return { write: async (record) => keep(record), async [Symbol.asyncDispose]() {} };
}

function sourceOf(records: readonly Pick<SourceRecord, 'value' | 'position' | 'timestampMs'>[]): RecordSource {
  return {
    async run(accept) {
      for (const record of records) await accept({ key: null, headers: {}, ...record, done: () => {} });
    },
    stop() {},
    async [Symbol.asyncDispose]() {},
  };
}
