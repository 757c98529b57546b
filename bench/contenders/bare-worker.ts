import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openBundle } from '../../src/model/bundle.ts';
import { type Manifest, type NerPart, partOf, prefixLength, type RePart, type Task } from '../../src/model/manifest.ts';
import type * as Decode from '../../src/model/preprocess/decode.ts';
import type * as Normalise from '../../src/model/preprocess/normalise.ts';
import type * as PilResize from '../../src/model/preprocess/pil-resize.ts';
import { createSession } from '../../src/model/runtime/session.ts';
import { readVocabulary } from '../../src/model/tokenizer/vocabulary.ts';
import { built } from '../harness/built.ts';
import { type BenchPost, MARKERS, makeCorpus, SPECIALS } from '../harness/corpus.ts';
import { makePictures, PICTURES } from '../harness/pictures.ts';
import { Random } from '../harness/random.ts';
import type { BareSlice } from '../harness/slices.ts';

/** What a thread of bare sessions is started with. */
export interface BareWorkerData {
  readonly bundle: string;
  readonly tokenBudget: number;
  /** Share of the work at which this thread begins, so that threads do not do the same at the same time. */
  readonly startAt: number;
}

/** What a thread did. */
export type BareWorkerReply = Omit<BareSlice, 'threads'>;

type Feed = Record<string, Tensor>;
type Run = (file: string, feed: Feed) => Promise<Tensor>;
type Clock = { [kind in keyof BareWorkerReply]: { units: number; seconds: number } };

interface TextJob {
  readonly feed: Feed;
  readonly pieces: number;
}

/** A lap of one kind of work and where in it the thread is. */
interface Lap {
  readonly size: number;
  /** Jobs that one lap of posts asks for. */
  readonly share: number;
  at: number;
  done: number;
  run(index: number, clock: Clock): Promise<void>;
}

const TASKS = ['ner', 're'] as const;
const data = workerData as BareWorkerData;
const { decodeImage } = await built<typeof Decode>('model/preprocess/decode.ts');
const { normalise } = await built<typeof Normalise>('model/preprocess/normalise.ts');
const { resizeAndCrop } = await built<typeof PilResize>('model/preprocess/pil-resize.ts');

async function prepare(): Promise<Lap[]> {
  const { dir, manifest } = await openBundle(data.bundle);
  const files = new Set(TASKS.flatMap((task) => graphsOf(partOf(manifest, task))));
  const sessions = new Map<string, InferenceSession>();
  for (const file of files) sessions.set(file, await createSession(join(dir, file), 'cpu'));
  const run: Run = async (file, feed) => {
    const session = sessions.get(file) as InferenceSession;
    return (await session.run(feed))[session.outputNames[0] as string] as Tensor;
  };
  const vocabulary = await readVocabulary(join(dir, manifest.tokenizer.vocab));
  const posts = makeCorpus(vocabulary.keys(), PICTURES);
  const pictures = await pictureLap(posts.length, manifest, run);
  return [pictures, ...TASKS.map((task) => textLap(task, posts, manifest, run))];
}

function graphsOf(part: NerPart | RePart): string[] {
  return [part.visual, part.prefix, part.text].filter((file) => file !== undefined);
}

async function pictureLap(posts: number, manifest: Manifest, run: Run): Promise<Lap> {
  const files = await makePictures();
  const { resize, crop, exif } = manifest.image;
  const visuals = new Set(TASKS.map((task) => partOf(manifest, task).visual as string));
  const decode = (index: number) => decodeImage((files[index] as (typeof files)[number]).bytes, { exif });
  // Another thread decodes the next picture while this one computes, so that it never waits.
  let ahead: { readonly index: number; readonly decoding: ReturnType<typeof decode> } | undefined;
  return lap(files.length, posts, async (index, clock) => {
    const start = performance.now();
    const decoded = await (ahead?.index === index ? ahead.decoding : decode(index));
    const next = (index + 1) % files.length;
    ahead = { index: next, decoding: decode(next) };
    if (!('image' in decoded)) throw new Error(`decoding a picture: ${decoded.outcome}`);
    const pixels = normalise(resizeAndCrop(decoded.image, resize, crop), manifest.image);
    const ready = performance.now();
    const features = new Map<string, Tensor>();
    for (const visual of visuals) {
      features.set(visual, await run(visual, { pixels: new Tensor('float32', pixels, [1, 3, crop, crop]) }));
    }
    for (const task of TASKS) {
      const part = partOf(manifest, task);
      await run(part.prefix as string, { features: features.get(part.visual as string) as Tensor });
    }
    count(clock.decode, 1, ready - start);
    count(clock.visual, 1, performance.now() - ready);
  });
}

function textLap(task: Task, posts: readonly BenchPost[], manifest: Manifest, run: Run): Lap {
  const jobs = perfectBatches(rowsOf(task, posts), data.tokenBudget).map((rows) => textJob(task, rows, manifest));
  const { text } = partOf(manifest, task);
  return lap(jobs.length, jobs.length, async (index, clock) => {
    const job = jobs[index] as TextJob;
    const start = performance.now();
    await run(text, job.feed);
    count(clock[task], job.pieces, performance.now() - start);
  });
}

interface Row {
  readonly pieces: number;
  readonly post: number;
}

function rowsOf(task: Task, posts: readonly BenchPost[]): Row[] {
  return posts.flatMap(({ words, pairs }, post) =>
    task === 'ner'
      ? [{ pieces: words.length + SPECIALS, post }]
      : pairs.map(() => ({ pieces: words.length + SPECIALS + MARKERS, post })),
  );
}

/** Rows of nearly the same length together, each batch as full as the budget allows; the batches in mixed order. */
function perfectBatches(rows: readonly Row[], budget: number): Row[][] {
  const sorted = [...rows].sort((a, b) => b.pieces - a.pieces || a.post - b.post);
  const batches: Row[][] = [];
  for (const row of sorted) {
    const last = batches.at(-1);
    if (last && (last.length + 1) * (last[0] as Row).pieces <= budget) last.push(row);
    else batches.push([row]);
  }
  return new Random(3).shuffle(batches);
}

/** Keys and values of made-up pictures, shared by all batches: what they hold does not change the speed. */
let shared: Float32Array | undefined;

function textJob(task: Task, rows: readonly Row[], manifest: Manifest): TextJob {
  const { size } = manifest;
  const length = Math.max(...rows.map((row) => row.pieces));
  const ids = new Int32Array(rows.length * length);
  const mask = new Int32Array(rows.length * length);
  rows.forEach((row, i) => {
    ids.fill(2000 + row.post, i * length, i * length + row.pieces);
    mask.fill(1, i * length, i * length + row.pieces);
  });
  const places = new Map([...new Set(rows.map((row) => row.post))].map((post, place) => [post, place + 1]));
  const index = new Int32Array(rows.length * size.images);
  rows.forEach((row, i) => (index[i * size.images] = places.get(row.post) as number));
  const prefixes = places.size + 1;
  shared ??= Float32Array.from({ length: prefixLength(manifest) * 65 }, (_, i) => Math.sin(i * 12.9898) * 0.5);
  const of = (values: Int32Array, shape: number[]) => new Tensor('int32', values, shape);
  const feed: Feed = {
    input_ids: of(ids, [rows.length, length]),
    attention_mask: of(mask, [rows.length, length]),
    prefix: new Tensor('float32', shared.subarray(0, prefixes * prefixLength(manifest)), [
      prefixes,
      size.layers,
      2,
      size.headsPerImage,
      size.prefixSlots,
      size.headSize,
    ]),
    prefix_index: of(index, [rows.length, size.images]),
  };
  if (task === 're') {
    feed['head_position'] = of(new Int32Array(rows.length).fill(1), [rows.length]);
    feed['tail_position'] = of(new Int32Array(rows.length).fill(3), [rows.length]);
  }
  return { feed, pieces: rows.reduce((sum, row) => sum + row.pieces, 0) };
}

function lap(size: number, share: number, run: Lap['run']): Lap {
  return { size, share, at: Math.floor(size * data.startAt), done: 0, run };
}

function count(work: { units: number; seconds: number }, units: number, ms: number): void {
  work.units += units;
  work.seconds += ms / 1000;
}

/** Runs for a while: always the kind of work that is most behind its share of the posts. */
async function loop(laps: readonly Lap[], seconds: number): Promise<BareWorkerReply> {
  const fresh = () => ({ units: 0, seconds: 0 });
  const clock: Clock = { decode: fresh(), visual: fresh(), ner: fresh(), re: fresh() };
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const next = laps.reduce((a, b) => (a.done / a.share <= b.done / b.share ? a : b));
    await next.run(next.at, clock);
    next.at = (next.at + 1) % next.size;
    next.done++;
  }
  return clock;
}

const laps = await prepare();
await loop(laps, 0.3);
parentPort?.on('message', (seconds: number) => {
  void loop(laps, seconds).then((reply) => parentPort?.postMessage(reply));
});
parentPort?.postMessage('ready');
