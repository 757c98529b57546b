import { join } from 'node:path';
import type { ExtractorInfo, Mention } from '../domain/extraction.ts';
import type { ModelScores } from '../domain/model-input.ts';
import { GrapevineError } from '../errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { Slots } from '../threads/slots.ts';
import { type Bundle, openBundle } from './bundle.ts';
import { deviceProfile } from './device-profile.ts';
import type { Extractor, ExtractorInput, ExtractorOutput } from './extractor.ts';
import { decodeCrf } from './hvpnet/crf.ts';
import type { Span } from './hvpnet/decode-mentions.ts';
import { type PictureReader, type Pictures, readPictures } from './hvpnet/read-pictures.ts';
import { type Recognised, recogniseEntities, type TextQueue } from './hvpnet/recognise-entities.ts';
import { type Classifier, type Related, relateGiven, relateMentions } from './hvpnet/relate-mentions.ts';
import { RelationSchema } from './hvpnet/relation-schema.ts';
import { type EncodedImage, ImageCache } from './image-cache.ts';
import { type Manifest, prefixLength, seeingTasks, type Task } from './manifest.ts';
import { createModelMetrics, type ModelMetrics } from './metrics.ts';
import type { TextRow } from './pack-batch.ts';
import { readDetectorSettings } from './regions/detector-settings.ts';
import type { Crops, Device, ImageReply, ModelWorkerData, Prefixes } from './runtime/messages.ts';
import { ModelPool } from './runtime/model-pool.ts';
import { textQueue } from './text-queue.ts';
import { type EncodedPost, encodePost, encodeWords, firstPiece } from './tokenizer/encode-post.ts';
import { readVocabulary } from './tokenizer/vocabulary.ts';
import { WordPiece } from './tokenizer/wordpiece.ts';

/** How a model is run. */
export interface HvpnetExtractorOptions {
  readonly bundleDir: string;
  /** Worker threads; each holds its own copy of the graphs. A device may allow fewer. */
  readonly workers: number;
  readonly device: Device;
  readonly telemetry: Telemetry;
  /** Pieces of a batch, padding included. @default what suits the device */
  readonly tokenBudget?: number;
  /** Bytes of prefixes of pictures that are kept, 147 kB a picture at the small size. @default 128 MiB */
  readonly imageCacheBytes?: number;
  /** ONNX file that finds regions in pictures; it takes the place of the bundle's own. */
  readonly detector?: string;
  /** When it aborts, work that waits for a thread is rejected with CLOSED, so that closing does not wait for it. */
  readonly abandon?: AbortSignal;
  /** Pairs of mentions classified per post, the closest first. @default 50 */
  readonly maxPairs?: number;
  /** Posts that are worked on at once; calls beyond wait for their turn. @default 256 */
  readonly maxInFlight?: number;
}

/**
 * Loads a bundle and gives the extractor that runs it.
 *
 * @throws {BUNDLE_MISSING | BUNDLE_INVALID | BUNDLE_HASH} the bundle is not whole; the message names the file
 * @throws {MODEL_FAILED} a graph cannot be loaded on the device
 */
export async function createHvpnetExtractor(options: HvpnetExtractorOptions): Promise<Extractor> {
  const { device, telemetry } = options;
  const workers = Math.min(options.workers, deviceProfile(device).maxWorkers);
  const bundle = await openBundle(options.bundleDir);
  const { dir, manifest } = bundle;
  const { lowerCase, maxWordChars, unk, vocab } = manifest.tokenizer;
  const tokenizer = new WordPiece({ vocabulary: await readVocabulary(join(dir, vocab)), lowerCase, maxWordChars, unk });
  const detector = await detectorOf(bundle, options.detector);
  const pool = new ModelPool({ dir, manifest, device, ...(detector && { detector }) }, workers);
  options.abandon?.addEventListener('abort', () => pool.refuse(), { once: true });
  try {
    const empty = await pool.start();
    tellLoaded(manifest, device, workers, telemetry);
    return new HvpnetExtractor({ bundle, pool, tokenizer, empty, detects: detector !== undefined, options });
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}

/** The detector a user names, described by the JSON file beside it, or the bundle's own. */
async function detectorOf({ dir, manifest }: Bundle, named: string | undefined): Promise<ModelWorkerData['detector']> {
  if (named !== undefined) return { file: named, settings: await readDetectorSettings(named) };
  if (!manifest.regions) return undefined;
  const { file, ...settings } = manifest.regions;
  return { file: join(dir, file), settings };
}

function tellLoaded({ name, generation, precision }: Manifest, device: Device, workers: number, telemetry: Telemetry) {
  const logger = telemetry.logger.child({ part: 'model' });
  logger.info({ bundle: name, generation, precision, device, workers }, 'a bundle was loaded');
  if (device === 'cpu' || precision !== 'int8') return;
  const fields = { bundle: name, device };
  logger.warn(fields, 'an 8-bit bundle multiplies on the CPU whatever the device; a float32 bundle suits this one');
}

interface Parts {
  readonly bundle: Bundle;
  readonly pool: ModelPool;
  readonly tokenizer: WordPiece;
  readonly empty: Prefixes;
  readonly detects: boolean;
  readonly options: HvpnetExtractorOptions;
}

class HvpnetExtractor implements Extractor {
  readonly info: ExtractorInfo;
  readonly languages: readonly string[];
  readonly #pool: ModelPool;
  readonly #manifest: Manifest;
  readonly #tokenizer: WordPiece;
  readonly #pictures: PictureReader;
  readonly #ner: TextQueue | undefined;
  readonly #classifier: Classifier | undefined;
  readonly #slots: Slots;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(parts: Parts) {
    const { manifest } = parts.bundle;
    const metrics = createModelMetrics(parts.options.telemetry.registry);
    this.info = { bundle: manifest.name, generation: manifest.generation };
    this.languages = manifest.languages;
    this.#pool = parts.pool;
    this.#manifest = manifest;
    this.#tokenizer = parts.tokenizer;
    this.#pictures = pictureReader(parts, metrics);
    this.#ner = manifest.ner && queueOf('ner', parts, metrics);
    this.#classifier = classifierOf(parts, metrics);
    this.#slots = new Slots(parts.options.maxInFlight ?? 256);
  }

  extract(input: ExtractorInput): Promise<ExtractorOutput> {
    if (this.#closed) return Promise.reject(new GrapevineError('CLOSED', 'reading a post: the model is closed'));
    const running = this.#inTurn(input);
    this.#running.add(running);
    const done = () => this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#pool[Symbol.asyncDispose]();
  }

  /** What is accepted and not answered is bounded here: behind it pictures, batches and results pile up. */
  async #inTurn(input: ExtractorInput): Promise<ExtractorOutput> {
    await this.#slots.enter();
    try {
      return await this.#read(input);
    } finally {
      this.#slots.leave();
    }
  }

  async #read(input: ExtractorInput): Promise<ExtractorOutput> {
    const { given } = input;
    const post = this.#encode(input);
    const pictures = await readPictures(input.images, given?.regions, this.#pictures);
    const recognised = await this.#recognise(post, pictures, input.scores ?? false);
    const found = recognised.spans.map((span, id) => toMention(input.text, span, id));
    const related = await this.#relate(post, recognised.spans, found, pictures, input);
    return {
      mentions: [...found, ...related.added],
      relations: related.relations,
      images: pictures.read,
      ...(input.scores && { scores: scoresOf(post, recognised, related, this.#manifest) }),
    };
  }

  #encode({ text, given, normaliseWords }: ExtractorInput): EncodedPost {
    const { text: rules, ner, re } = this.#manifest;
    const letterCases = Boolean(ner?.letterCase || re?.letterCase);
    if (!given?.words) return encodePost(text, this.#tokenizer, rules, letterCases);
    return encodeWords(given.words, this.#tokenizer, normaliseWords ? rules : undefined, letterCases);
  }

  async #recognise(post: EncodedPost, pictures: Pictures, always: boolean): Promise<Recognised> {
    const { ner, tokenizer } = this.#manifest;
    // A text without pieces holds nothing, yet has scores of its own.
    if (!ner || !this.#ner || (post.pieces.length === 0 && !always)) {
      return { spans: [], emissions: new Float32Array() };
    }
    return recogniseEntities(post, slotsOf('ner', pictures), this.#ner, { ner, tokenizer });
  }

  async #relate(
    post: EncodedPost,
    spans: readonly Span[],
    mentions: readonly Mention[],
    pictures: Pictures,
    { given }: ExtractorInput,
  ): Promise<Related> {
    if (!this.#classifier) return { relations: [], added: [], logits: [] };
    const slots = slotsOf('re', pictures);
    if (given?.pairs) return relateGiven(post, mentions, given.pairs, slots, this.#classifier);
    return relateMentions(post, spans, slots, this.#classifier);
  }
}

function pictureReader({ bundle, pool, options, detects }: Parts, metrics: ModelMetrics): PictureReader {
  const { manifest } = bundle;
  const seeing = seeingTasks(manifest).length;
  const cache = new ImageCache({
    bytes: options.imageCacheBytes ?? 128 * 1024 * 1024,
    bytesPerCrop: seeing * prefixLength(manifest) * Float32Array.BYTES_PER_ELEMENT,
    cropsPerImage: manifest.size.images,
    read: (image, crops) => readImage(pool, image, crops, metrics),
  });
  return { cache, detects, sees: seeing > 0 };
}

function queueOf(task: Task, { bundle, pool, empty, options }: Parts, metrics: ModelMetrics): TextQueue {
  const { tokenBudget } = options;
  const profile = deviceProfile(options.device);
  return textQueue({
    task,
    pool,
    manifest: bundle.manifest,
    empty: empty[task],
    profile: tokenBudget === undefined ? profile : { ...profile, tokenBudget },
    metrics,
  });
}

function classifierOf(parts: Parts, metrics: ModelMetrics): Classifier | undefined {
  const { re, tokenizer } = parts.bundle.manifest;
  if (!re || !tokenizer.markers) return undefined;
  const { maxSeq, closeLast, letterCase } = re;
  const { cls, sep, markers } = tokenizer;
  return {
    queue: queueOf('re', parts, metrics),
    part: re,
    rules: { maxSeq, closeLast, letterCase, cls, sep, markers },
    schema: new RelationSchema(re.labels),
    maxPairs: parts.options.maxPairs ?? 50,
  };
}

async function readImage(
  pool: ModelPool,
  image: EncodedImage,
  crops: Crops,
  metrics: ModelMetrics,
): Promise<ImageReply> {
  const reply = await pool.use((worker) => {
    // The caller keeps its bytes, which may be a view of a larger buffer.
    const bytes = new Uint8Array(image.bytes);
    return worker.call<ImageReply>('image', { bytes, crops }, [bytes.buffer]);
  });
  metrics.imageRead(reply.outcome);
  return reply;
}

function slotsOf(task: Task, pictures: Pictures): TextRow['slots'] {
  return pictures.slots.map((prefixes) => prefixes?.[task]);
}

function toMention(text: string, span: Span, id: number): Mention {
  return { id, start: span.start, end: span.end, text: text.slice(span.start, span.end), type: span.type, p: span.p };
}

function scoresOf(post: EncodedPost, { emissions }: Recognised, { logits }: Related, { ner }: Manifest): ModelScores {
  const labels = ner?.labels.length ?? 1;
  const pieces = emissions.length / labels;
  return {
    pieces,
    // Position 0 is [CLS].
    first: post.words.map((_, word) => (firstPiece(post, word) < 0 ? -1 : firstPiece(post, word) + 1)),
    emissions: Array.from({ length: pieces }, (_, i) => [...emissions.subarray(i * labels, (i + 1) * labels)]),
    path: ner ? [...decodeCrf(emissions, ner.crf).path] : [],
    relations: logits.map((row) => [...row]),
  };
}
