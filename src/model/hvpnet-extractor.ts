import { join } from 'node:path';
import type { ExtractorInfo, Mention, Relation } from '../domain/extraction.ts';
import type { LoadedImage } from '../domain/image.ts';
import { GrapevineError } from '../errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { BatchQueue } from './batcher.ts';
import { type Bundle, openBundle } from './bundle.ts';
import type { Extractor, ExtractorInput, ExtractorOutput, ReadImage } from './extractor.ts';
import { classifyPair } from './hvpnet/classify.ts';
import { decodeMentions, type Span } from './hvpnet/decode-mentions.ts';
import { joinEmissions, nerRow, pieceWindows } from './hvpnet/ner-input.ts';
import { type Pair, pairMentions } from './hvpnet/pairs.ts';
import { reRow } from './hvpnet/re-input.ts';
import { RelationSchema } from './hvpnet/relation-schema.ts';
import { type EncodedImage, ImageCache } from './image-cache.ts';
import type { Task } from './manifest.ts';
import { createModelMetrics, type ModelMetrics } from './metrics.ts';
import { buffersOf, packBatch, type TextRow, unpackBatch } from './pack-batch.ts';
import type { Device, ImageReply, Prefixes } from './runtime/messages.ts';
import { ModelPool } from './runtime/model-pool.ts';
import { type EncodedPost, encodePost } from './tokenizer/encode-post.ts';
import { readVocabulary } from './tokenizer/vocabulary.ts';
import { WordPiece } from './tokenizer/wordpiece.ts';

/** How a model is run. */
export interface HvpnetExtractorOptions {
  readonly bundleDir: string;
  /** Worker threads; each holds its own copy of the graphs. */
  readonly workers: number;
  readonly device: Device;
  readonly telemetry: Telemetry;
  /** Pieces of a batch, padding included. @default 512 */
  readonly tokenBudget?: number;
  /** Pictures whose prefixes are kept, about 150 kB each at the small size. @default 512 */
  readonly imageCacheEntries?: number;
  /** When it aborts, work that waits for a thread is rejected with CLOSED, so that closing does not wait for it. */
  readonly abandon?: AbortSignal;
  /** Pairs of mentions classified per post, the closest first. @default 50 */
  readonly maxPairs?: number;
}

/**
 * Loads a bundle and gives the extractor that runs it.
 *
 * @throws {BUNDLE_MISSING | BUNDLE_INVALID | BUNDLE_HASH} the bundle is not whole; the message names the file
 * @throws {MODEL_FAILED} a graph cannot be loaded on the device
 */
export async function createHvpnetExtractor(options: HvpnetExtractorOptions): Promise<Extractor> {
  const { device, workers, telemetry } = options;
  const bundle = await openBundle(options.bundleDir);
  const { dir, manifest } = bundle;
  const { lowerCase, maxWordChars, unk, vocab } = manifest.tokenizer;
  const tokenizer = new WordPiece({ vocabulary: await readVocabulary(join(dir, vocab)), lowerCase, maxWordChars, unk });
  const pool = new ModelPool({ dir, manifest, device }, workers);
  options.abandon?.addEventListener('abort', () => pool.refuse(), { once: true });
  try {
    const empty = await pool.start();
    telemetry.logger
      .child({ part: 'model' })
      .info({ bundle: manifest.name, generation: manifest.generation, device, workers }, 'a bundle was loaded');
    return new HvpnetExtractor({ bundle, pool, tokenizer, empty, options });
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}

interface Parts {
  readonly bundle: Bundle;
  readonly pool: ModelPool;
  readonly tokenizer: WordPiece;
  readonly empty: Prefixes;
  readonly options: HvpnetExtractorOptions;
}

/** The picture a post is read with, and what became of all of them. */
interface Pictures {
  readonly read: readonly ReadImage[];
  readonly prefixes: Prefixes | undefined;
}

class HvpnetExtractor implements Extractor {
  readonly info: ExtractorInfo;
  readonly languages: readonly string[];
  readonly #parts: Parts;
  readonly #schema: RelationSchema;
  readonly #images: ImageCache;
  readonly #ner: BatchQueue<TextRow, Float32Array>;
  readonly #re: BatchQueue<TextRow, Float32Array>;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(parts: Parts) {
    const { manifest } = parts.bundle;
    const metrics = createModelMetrics(parts.options.telemetry.registry);
    this.info = { bundle: manifest.name, generation: manifest.generation };
    this.languages = manifest.languages;
    this.#parts = parts;
    this.#schema = new RelationSchema(manifest.re.labels);
    const entries = parts.options.imageCacheEntries ?? 512;
    this.#images = new ImageCache({ entries, read: (image) => readImage(parts.pool, image, metrics) });
    this.#ner = textQueue('ner', parts, metrics);
    this.#re = textQueue('re', parts, metrics);
  }

  extract(input: ExtractorInput): Promise<ExtractorOutput> {
    if (this.#closed) return Promise.reject(new GrapevineError('CLOSED', 'reading a post: the model is closed'));
    const running = this.#read(input);
    this.#running.add(running);
    const done = () => this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#parts.pool[Symbol.asyncDispose]();
  }

  async #read(input: ExtractorInput): Promise<ExtractorOutput> {
    const post = encodePost(input.text, this.#parts.tokenizer, this.#parts.bundle.manifest.text.urlWord);
    const pictures = await this.#readPictures(input.images);
    const spans = await this.#recognise(post, pictures);
    const pairs = pairMentions(spans, this.#schema, this.#parts.options.maxPairs ?? 50);
    const relations = await Promise.all(pairs.map((pair) => this.#relate(post, spans, pair, pictures)));
    return {
      mentions: spans.map((span, id) => toMention(input.text, span, id)),
      relations: relations.filter((relation) => relation !== undefined),
      images: pictures.read,
    };
  }

  /** The first picture that can be used; later ones are not even loaded. */
  async #readPictures(images: ExtractorInput['images']): Promise<Pictures> {
    const read: ReadImage[] = [];
    let prefixes: Prefixes | undefined;
    for (const load of images) {
      if (prefixes) {
        read.push({ outcome: 'too_many_images' });
        continue;
      }
      const picture = await this.#readPicture(load);
      read.push(picture.read);
      prefixes = picture.prefixes;
    }
    return { read, prefixes };
  }

  async #readPicture(load: () => Promise<LoadedImage>): Promise<{ read: ReadImage; prefixes?: Prefixes }> {
    const image = await load();
    if (!('bytes' in image)) return { read: image };
    const { sha256 } = image;
    try {
      const reply = await this.#images.get(image);
      if (reply.outcome !== 'ok') return { read: { outcome: reply.outcome, sha256 } };
      return { read: { outcome: 'ok', sha256 }, prefixes: reply.prefixes };
    } finally {
      image.release?.();
    }
  }

  async #recognise(post: EncodedPost, pictures: Pictures): Promise<Span[]> {
    if (post.pieces.length === 0) return [];
    const { ner, tokenizer } = this.#parts.bundle.manifest;
    const windows = pieceWindows(post.pieces.length, ner.maxSeq - 2);
    const slots = slotsOf('ner', pictures);
    const rows = await Promise.all(
      windows.map((window) => this.#ner.run({ ids: nerRow(post.pieces, window, tokenizer), slots })),
    );
    return decodeMentions(post, joinEmissions(windows, rows, ner.labels.length), ner);
  }

  async #relate(
    post: EncodedPost,
    spans: readonly Span[],
    pair: Pair,
    pictures: Pictures,
  ): Promise<Relation | undefined> {
    const { manifest } = this.#parts.bundle;
    const first = spans[pair.first] as Span;
    const second = spans[pair.second] as Span;
    const logits = await this.#re.run({ ...reRow(post, first, second, manifest), slots: slotsOf('re', pictures) });
    const found = classifyPair(logits, { first: first.type, second: second.type }, this.#schema, manifest.re);
    if (!found) return undefined;
    const [head, tail] = found.inverse ? [pair.second, pair.first] : [pair.first, pair.second];
    return { type: found.type, head, tail, p: found.p, ...(found.symmetric && { symmetric: true as const }) };
  }
}

function textQueue(task: Task, parts: Parts, metrics: ModelMetrics): BatchQueue<TextRow, Float32Array> {
  const { pool, bundle, empty, options } = parts;
  return new BatchQueue({
    pool,
    tokenBudget: options.tokenBudget ?? 512,
    lengthOf: (row) => row.ids.length,
    async run(worker, rows) {
      const batch = packBatch(task, rows, empty[task], bundle.manifest);
      const pieces = rows.reduce((sum, row) => sum + row.ids.length, 0);
      metrics.batchRun(task, rows.length, pieces, batch.ids.length);
      const output = await worker.call<Float32Array>('text', batch, buffersOf(batch));
      return unpackBatch(task, rows, output, bundle.manifest[task].labels.length);
    },
  });
}

async function readImage(pool: ModelPool, image: EncodedImage, metrics: ModelMetrics): Promise<ImageReply> {
  const reply = await pool.use((worker) => {
    // The caller keeps its bytes, which may be a view of a larger buffer.
    const copy = new Uint8Array(image.bytes);
    return worker.call<ImageReply>('image', copy, [copy.buffer]);
  });
  metrics.imageRead(reply.outcome);
  return reply;
}

function slotsOf(task: Task, pictures: Pictures) {
  return pictures.prefixes ? [pictures.prefixes[task]] : [];
}

function toMention(text: string, span: Span, id: number): Mention {
  return { id, start: span.start, end: span.end, text: text.slice(span.start, span.end), type: span.type, p: span.p };
}
