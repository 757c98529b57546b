// Grapevine's own extractor under a steady stream of posts: a fixed number of them is always in flight.

import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Counter } from 'prom-client';
import type { LoadedImage } from '../../src/domain/image.ts';
import type { Extractor, ExtractorInput } from '../../src/model/extractor.ts';
import type * as HvpnetExtractor from '../../src/model/hvpnet-extractor.ts';
import { readVocabulary } from '../../src/model/tokenizer/vocabulary.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { built } from '../harness/built.ts';
import { type BenchPost, makeCorpus } from '../harness/corpus.ts';
import { makePictures, PICTURES, type Picture } from '../harness/pictures.ts';
import { Random } from '../harness/random.ts';
import type { OursSlice } from '../harness/slices.ts';
import { serve } from './serve.ts';

/** How our extractor is run, and on which stream. */
export interface OursOptions {
  readonly bundle: string;
  readonly workers: number;
  /** Posts that are read at once. */
  readonly inFlight: number;
  /** Parts of each picture that are given with it, 0 to 3. */
  readonly crops: number;
  /** Share of the posts whose picture came before. */
  readonly duplicates: number;
  readonly tokenBudget?: number;
}

/** Among how many of the last pictures a repeated one is drawn. */
const RECENT = 150;
const LOOP_RESOLUTION_MS = 10;
/** Posts that come through before anything is measured. */
const WARM_UP = 64;

const telemetry = createTelemetry(createLogger('error'));
const count = { finished: 0 };
let loop: IntervalHistogram | undefined;

/** Posts without end. */
class Stream {
  readonly #posts: readonly BenchPost[];
  readonly #pictures: readonly Picture[];
  readonly #options: OursOptions;
  readonly #random = new Random(11);
  #count = 0;
  #distinct = 0;
  #owed = 0;

  constructor(posts: readonly BenchPost[], pictures: readonly Picture[], options: OursOptions) {
    this.#posts = posts;
    this.#pictures = pictures;
    this.#options = options;
  }

  next(): ExtractorInput {
    const post = this.#posts[this.#count++ % this.#posts.length] as BenchPost;
    const number = this.#pictureNumber();
    const { bytes, width, height } = this.#pictures[number % this.#pictures.length] as Picture;
    const image: LoadedImage = { bytes, sha256: `picture ${number}` };
    const regions = post.regions
      .slice(0, this.#options.crops)
      .map(([left, top, right, bottom]) => [left * width, top * height, right * width, bottom * height] as const);
    return {
      text: post.words.join(' '),
      images: [() => Promise.resolve(image)],
      given: { words: post.words, pairs: post.pairs, regions },
    };
  }

  /** A new picture, or one of the last; the share of repeated ones is kept exactly. */
  #pictureNumber(): number {
    this.#owed += this.#options.duplicates;
    if (this.#owed < 1 || this.#distinct === 0) return this.#distinct++;
    this.#owed--;
    return this.#random.between(Math.max(0, this.#distinct - RECENT), this.#distinct);
  }
}

async function keepReading(extractor: Extractor, stream: Stream): Promise<never> {
  for (;;) {
    await extractor.extract(stream.next());
    count.finished++;
  }
}

interface Progress {
  readonly at: number;
  readonly posts: number;
  readonly pictures: number;
  readonly nerPieces: number;
  readonly rePieces: number;
  readonly padding: number;
}

async function progress(): Promise<Progress> {
  const read = async (name: string) =>
    (await (telemetry.registry.getSingleMetric(`grapevine_model_${name}_total`) as Counter).get()).values;
  const [pieces, images] = [await read('pieces'), await read('images')];
  const sum = (values: typeof pieces, labels: Record<string, string>) =>
    values
      .filter((value) => Object.entries(labels).every(([name, label]) => value.labels[name] === label))
      .reduce((total, { value }) => total + value, 0);
  return {
    at: performance.now(),
    posts: count.finished,
    pictures: sum(images, {}),
    nerPieces: sum(pieces, { task: 'ner', kind: 'real' }),
    rePieces: sum(pieces, { task: 're', kind: 'real' }),
    padding: sum(pieces, { kind: 'padding' }),
  };
}

/** The counters at the moment a job ends, so that a slice is cut where work is. */
async function nextProgress(): Promise<Progress> {
  const before = await progress();
  for (;;) {
    await sleep(3);
    const now = await progress();
    if (now.pictures + now.nerPieces + now.rePieces > before.pictures + before.nerPieces + before.rePieces) return now;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

serve({
  /** Loads the bundle and reads posts until all is warm. */
  async start(options: OursOptions): Promise<void> {
    const { bundle, workers, inFlight, tokenBudget } = options;
    const vocabulary = await readVocabulary(join(bundle, 'vocab.txt'));
    const stream = new Stream(makeCorpus(vocabulary.keys(), PICTURES), await makePictures(), options);
    const model = await built<typeof HvpnetExtractor>('model/hvpnet-extractor.ts');
    const extractor = await model.createHvpnetExtractor({
      bundleDir: bundle,
      workers,
      device: 'cpu',
      telemetry,
      ...(tokenBudget && { tokenBudget }),
    });
    for (let i = 0; i < inFlight; i++) {
      keepReading(extractor, stream).catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      });
    }
    while (count.finished < WARM_UP) await sleep(50);
    loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  },

  /** Measures while everything goes on; the first moments, when caches are cold, are left out. */
  async slice({ seconds }: { seconds: number }): Promise<OursSlice> {
    await sleep(300);
    const from = await nextProgress();
    loop?.enable();
    loop?.reset();
    await sleep(seconds * 1000);
    loop?.disable();
    const to = await nextProgress();
    const delay = (percentile: number) => Math.max(0, (loop?.percentile(percentile) ?? 0) / 1e6 - LOOP_RESOLUTION_MS);
    return {
      seconds: (to.at - from.at) / 1000,
      posts: to.posts - from.posts,
      pictures: to.pictures - from.pictures,
      nerPieces: to.nerPieces - from.nerPieces,
      rePieces: to.rePieces - from.rePieces,
      padding: to.padding - from.padding,
      loopDelayMs: { p50: delay(50), p99: delay(99), max: delay(100) },
      rss: process.memoryUsage().rss,
    };
  },
});
