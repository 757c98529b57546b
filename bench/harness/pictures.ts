import sharp from 'sharp';
import { Random } from './random.ts';

/** A made-up photograph. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Distinct files; posts beyond them repeat a file under another hash, which costs the model as much as a new one. */
export const PICTURES = 12;
/** Sides in pixels, and the strength of the grain, which sets how many bytes a JPEG has. */
const SIZES = [
  { width: 360, height: 270, grain: 24 },
  { width: 680, height: 510, grain: 26 },
  { width: 1200, height: 900, grain: 30 },
] as const;

/** JPEG files of the three sizes that social networks serve, of soft shapes and grain: about 30, 100 and 320 kB. */
export function makePictures(): Promise<Picture[]> {
  const random = new Random(7);
  const noise = Float32Array.from({ length: 1 << 20 }, () => random.next() - 0.5);
  return Promise.all(
    Array.from({ length: PICTURES }, (_, i) => draw(SIZES[i % SIZES.length] as (typeof SIZES)[number], random, noise)),
  );
}

async function draw(size: (typeof SIZES)[number], random: Random, noise: Float32Array): Promise<Picture> {
  const { width, height, grain } = size;
  const coarse = Uint8Array.from({ length: 24 * 18 * 3 }, () => random.between(0, 256));
  const pixels = await sharp(coarse, { raw: { width: 24, height: 18, channels: 3 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
  const offset = random.between(0, noise.length);
  for (let i = 0; i < pixels.length; i++) {
    const value = (pixels[i] as number) + (noise[(Math.floor(i / 3) + offset) % noise.length] as number) * grain;
    pixels[i] = Math.max(0, Math.min(255, Math.round(value)));
  }
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  return { bytes: new Uint8Array(bytes), width, height };
}
