import type { Extraction, SkipReason } from '../domain/extraction.ts';
import { textOnlyReason } from '../domain/extraction.ts';
import type { GivenInput } from '../domain/model-input.ts';
import { orderKey, type Post, type PostRecord } from '../domain/post.ts';
import type { Extractor } from '../model/extractor.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { ExtractionSink } from './extraction-sink.ts';
import type { DecodeContext } from './formats/native.ts';
import type { Decoded } from './formats/rejected.ts';
import type { ImageLoader } from './images/image-loader.ts';
import type { RecordSource } from './record-source.ts';
import type { Circuit } from './runtime/circuit.ts';
import type { Window } from './runtime/window.ts';
import { runStage } from './stage.ts';

/** What the extract consumer works with. */
export interface ExtractOptions {
  readonly source: RecordSource;
  readonly decode: (bytes: Uint8Array, context: DecodeContext) => Decoded<PostRecord>;
  readonly images: ImageLoader;
  readonly extractor: Extractor;
  readonly sink: ExtractionSink;
  readonly deadLetters: DeadLetters;
  readonly window: Window;
  readonly telemetry: Telemetry;
  /** Of what it depends on: nothing new is begun while one is open. */
  readonly circuits?: readonly Circuit[];
  /** Ends the waiting for what is in flight, which stays undone. */
  readonly abandon: AbortSignal;
  /** Most pictures loaded for one post. */
  readonly maxImages: number;
  /** Stores posts in languages the bundle does not read without reading them. */
  readonly skipUnsupportedLanguages: boolean;
  /** Results of earlier steps that came with a post. */
  readonly givenOf?: (post: Post) => GivenInput | undefined;
  /** Adds the model's scores to each extraction. */
  readonly scores?: boolean;
  /** Keeps the input's order over all authors instead of within each. */
  readonly inInputOrder?: boolean;
  /** Called for each extraction once it is durable in the sink. */
  readonly onExtraction?: (extraction: Extraction) => void;
}

/** The extract consumer: posts in, extractions out. Ends when the source does. */
export async function runExtract(options: ExtractOptions): Promise<void> {
  await runStage<PostRecord, Extraction>({
    name: 'extract',
    source: options.source,
    window: options.window,
    deadLetters: options.deadLetters,
    telemetry: options.telemetry,
    ...(options.circuits && { circuits: options.circuits }),
    abandon: options.abandon,
    decode: (bytes, record) =>
      options.decode(bytes, record.timestampMs === undefined ? {} : { timestampMs: record.timestampMs }),
    keyOf: (post) => (options.inInputOrder ? '' : orderKey(post)),
    prepare: (post) => extractPost(post, options),
    apply: async (extraction) => {
      await options.sink.write(extraction);
      options.onExtraction?.(extraction);
    },
  });
}

/** What one post is read with. */
export type ReadOptions = Pick<
  ExtractOptions,
  'images' | 'extractor' | 'telemetry' | 'maxImages' | 'skipUnsupportedLanguages' | 'givenOf' | 'scores'
>;

/** What the model finds in one post; nothing in a record that is none. */
export async function extractPost(post: PostRecord, options: ReadOptions): Promise<Extraction> {
  const { events } = options.telemetry;
  if (post.event) return emptyExtraction(post, options, 'event');
  if (post.deleted) return emptyExtraction(post, options, 'deleted');
  const given = options.givenOf?.(post);
  if (!given && options.skipUnsupportedLanguages && !readsLanguage(post, options.extractor)) {
    events.postSkipped({ reason: 'unsupported_language' });
    return emptyExtraction(post, options, 'unsupported_language');
  }
  const images = post.images.slice(0, options.maxImages).map((source) => () => options.images.load(source));
  const output = await options.extractor.extract({
    text: post.text,
    images,
    ...(given && { given }),
    ...(options.scores && { scores: true }),
  });
  const extraction: Extraction = {
    schema: 1,
    post,
    extractor: options.extractor.info,
    images: post.images.map((source, i) => ({ source, ...(output.images[i] ?? { outcome: 'too_many_images' }) })),
    mentions: output.mentions,
    relations: output.relations,
    ...(output.scores && { scores: output.scores }),
  };
  events.postExtracted({
    textOnly: textOnlyReason(extraction),
    mentions: output.mentions.length,
    relations: output.relations.length,
    pictures: extraction.images.map(({ outcome }) => outcome),
  });
  return extraction;
}

function emptyExtraction(post: PostRecord, options: ReadOptions, skipped: SkipReason): Extraction {
  const { info } = options.extractor;
  return { schema: 1, post, extractor: info, images: [], mentions: [], relations: [], skipped };
}

/** A post without a language is read: only what the source itself says counts. */
function readsLanguage(post: Post, extractor: Extractor): boolean {
  if (!post.lang || extractor.languages.length === 0) return true;
  const primary = post.lang.toLowerCase().split(/[-_]/)[0] ?? '';
  return primary === '' || primary === 'und' || extractor.languages.includes(primary);
}
