import type { Rejection } from '../../src/consumers/dead-letters.ts';
import { runExtract } from '../../src/consumers/extract.ts';
import { decodeNativePost } from '../../src/consumers/formats/native.ts';
import { GraphExtractionSink } from '../../src/consumers/graph-extraction-sink.ts';
import type { ImageLoader } from '../../src/consumers/images/image-loader.ts';
import type { RecordSource, SourceRecord } from '../../src/consumers/record-source.ts';
import { Window } from '../../src/consumers/runtime/window.ts';
import type { Extraction, Mention } from '../../src/domain/extraction.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import type { Extractor, ReadImage } from '../../src/model/extractor.ts';
import { decodeImage } from '../../src/model/preprocess/decode.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry, type Telemetry } from '../../src/telemetry/telemetry.ts';

/** A record as a source would deliver it. */
export interface GivenRecord {
  readonly value: Uint8Array | string | null;
  readonly timestampMs?: number;
}

/** What became of some records. */
export interface StageRun {
  readonly extractions: readonly Extraction[];
  readonly letters: readonly Rejection[];
  /** Positions of the records that were done, in that order. */
  readonly done: readonly string[];
  readonly telemetry: Telemetry;
}

/** Names that the stand-in for a model finds wherever they stand. */
const NAMES = { 'Ana Lima': 'PER', Lisbon: 'LOC', Porto: 'LOC' };

/** Stands in for a model: finds a few names, and decodes pictures as the real one does. */
export const namesExtractor: Extractor = {
  info: { bundle: 'names', generation: 1 },
  languages: ['en'],
  async extract({ text, images }) {
    const found = Object.entries(NAMES).flatMap(([name, type]) => {
      const start = text.indexOf(name);
      return start < 0 ? [] : [{ start, end: start + name.length, text: name, type, p: 0.9 }];
    });
    const mentions = found.toSorted((a, b) => a.start - b.start).map((mention, id): Mention => ({ id, ...mention }));
    const read: ReadImage[] = [];
    for (const load of images) read.push(await readImage(load));
    const person = mentions.find(({ type }) => type === 'PER');
    const places = mentions.filter(({ type }) => type === 'LOC');
    const type = '/per/loc/place_of_residence';
    const relations = person ? places.map(({ id }) => ({ type, head: person.id, tail: id, p: 0.8 })) : [];
    return { mentions, relations, images: read };
  },
  async [Symbol.asyncDispose]() {},
};

async function readImage(load: () => ReturnType<ImageLoader['load']>): Promise<ReadImage> {
  const loaded = await load();
  if (!('bytes' in loaded)) return loaded;
  const { bytes, sha256 } = loaded;
  const decoded = await decodeImage(bytes, { exif: false });
  loaded.release?.();
  return { outcome: 'outcome' in decoded ? decoded.outcome : 'ok', sha256 };
}

/** Runs records through the extract stage as it ships, and into a graph where one is given. */
export async function runRecords(
  records: readonly GivenRecord[],
  images: ImageLoader = { load: async () => ({ outcome: 'fetch_disabled' }) },
  store?: GraphStore,
): Promise<StageRun> {
  const telemetry = createTelemetry(createLogger('silent'));
  const [extractions, letters, done]: [Extraction[], Rejection[], string[]] = [[], [], []];
  const { signal } = new AbortController();
  const sink = store && new GraphExtractionSink({ store, batchSize: 1, telemetry, signal });
  await runExtract({
    source: sourceOf(records, done),
    decode: decodeNativePost,
    images,
    extractor: namesExtractor,
    sink: {
      async write(extraction) {
        extractions.push(extraction);
        await sink?.write(extraction);
      },
      async [Symbol.asyncDispose]() {},
    },
    deadLetters: {
      write: async (_, rejection) => void letters.push(rejection),
      async [Symbol.asyncDispose]() {},
    },
    window: new Window({ records: 100, bytes: 1 << 26 }),
    telemetry,
    abandon: signal,
    maxImages: 4,
    skipUnsupportedLanguages: true,
  });
  return { extractions, letters, done, telemetry };
}

function sourceOf(records: readonly GivenRecord[], done: string[]): RecordSource {
  return {
    async run(accept) {
      for (const [i, { value, timestampMs }] of records.entries()) {
        const position = `given/0@${i}`;
        const record: SourceRecord = {
          value: typeof value === 'string' ? Buffer.from(value) : value,
          key: null,
          headers: {},
          position,
          ...(timestampMs !== undefined && { timestampMs }),
          done: () => void done.push(position),
        };
        await accept(record);
      }
    },
    stop() {},
    async [Symbol.asyncDispose]() {},
  };
}

/** The value of a counter with these labels; 0 where it never counted. */
export async function counted(
  telemetry: Telemetry,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const metric = telemetry.registry.getSingleMetric(`grapevine_${name}_total`);
  if (!metric) throw new Error(`there is no counter ${name}`);
  const { values } = await metric.get();
  return values
    .filter((value) => Object.entries(labels).every(([label, text]) => value.labels[label] === text))
    .reduce((sum, { value }) => sum + value, 0);
}
