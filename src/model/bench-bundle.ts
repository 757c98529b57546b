import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { LoadedImage } from '../domain/image.ts';
import { sha256Of } from './bundle.ts';
import type { Extractor, ExtractorInput } from './extractor.ts';

/** How fast a bundle is on this machine. */
export interface BenchReport {
  /** Posts a second, one made-up picture each, none of them seen before. */
  readonly postsPerSecond: number;
  /** Posts a second without pictures. */
  readonly textPostsPerSecond: number;
  /** Posts a second whose picture has been seen before. */
  readonly cachedPostsPerSecond: number;
  /** What the processor can do that 8-bit arithmetic gains from; empty where that cannot be told. */
  readonly instructionSets: readonly string[];
}

const IN_FLIGHT = 64;
const NAMES = ['Maya Okoro', 'Harbour Robotics', 'Lisbon', 'Jonas Lindqvist', 'Old Mill Theatre', 'Ana Reyes', 'Porto'];
const FILLER =
  'so today we saw the new show near the river and it was really good , thanks to everyone who came along'.split(' ');
const SETS = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm'];

/** Measures three kinds of posts for `seconds` each, after a short warm-up. */
export async function benchBundle(
  extractor: Extractor,
  seconds: number,
  onStep: (step: string) => void = () => {},
): Promise<BenchReport> {
  const pictures = await Promise.all(Array.from({ length: 8 }, (_, seed) => makePicture(seed)));
  const [seen = Buffer.alloc(0)] = pictures;
  let number = 0;
  // Bytes behind the end of a JPEG are not read: they make each file another one.
  const fresh = () => {
    const base = pictures[number++ % pictures.length] as Buffer;
    return loading(Buffer.concat([base, Buffer.from(`#${number}`)]));
  };
  onStep('posts with pictures');
  const postsPerSecond = await rate(extractor, seconds, (i) => ({ text: textOf(i), images: [fresh()] }));
  onStep('posts without pictures');
  const textPostsPerSecond = await rate(extractor, seconds, (i) => ({ text: textOf(i), images: [] }));
  onStep('posts with one and the same picture');
  const cachedPostsPerSecond = await rate(extractor, seconds, (i) => ({ text: textOf(i), images: [loading(seen)] }));
  return { postsPerSecond, textPostsPerSecond, cachedPostsPerSecond, instructionSets: instructionSets() };
}

async function rate(extractor: Extractor, seconds: number, make: (i: number) => ExtractorInput): Promise<number> {
  await run(extractor, Math.min(1, seconds / 4), make);
  return run(extractor, seconds, make);
}

/** Posts finished a second while a fixed number is in flight. */
async function run(extractor: Extractor, seconds: number, make: (i: number) => ExtractorInput): Promise<number> {
  const start = performance.now();
  const over = () => performance.now() - start >= seconds * 1000;
  let next = 0;
  let finished = 0;
  const lane = async () => {
    while (!over()) {
      await extractor.extract(make(next++));
      finished++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return Math.round((finished * 10_000) / (performance.now() - start)) / 10;
}

/** A made-up post of the length of a tweet, with two names. */
function textOf(i: number): string {
  const words = FILLER.slice(i % 5, (i % 5) + 6 + ((i * 7) % 14));
  words.splice(i % 4, 0, NAMES[i % NAMES.length] as string);
  words.push('with', NAMES[(i * 3 + 1) % NAMES.length] as string);
  return words.join(' ');
}

/** A JPEG of 680 x 510. */
async function makePicture(seed: number): Promise<Buffer> {
  const [width, height] = [680, 510];
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = (i * (seed + 3) + ((i >> 9) % 97) * 5) & 255;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .blur(2)
    .jpeg({ quality: 85 })
    .toBuffer();
}

function loading(bytes: Buffer): () => Promise<LoadedImage> {
  return async () => ({ bytes, sha256: sha256Of(bytes) });
}

/** Instruction sets of this processor, as Linux names them. */
function instructionSets(): string[] {
  try {
    const flags =
      /^(?:flags|Features)\s*:(.*)$/mu.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(/\s+/u) ?? [];
    return SETS.filter((set) => flags.includes(set));
  } catch {
    return [];
  }
}
