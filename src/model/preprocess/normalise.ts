import type { Manifest } from '../manifest.ts';

/** Pixel values, float32 [3, crop, crop], from uint8 [crop, crop, 3]: scaled to 0..1, then (value - mean) / std per channel. */
export function normalise(crop: Uint8Array, image: Pick<Manifest['image'], 'mean' | 'std'>): Float32Array {
  const plane = crop.length / 3;
  const out = new Float32Array(crop.length);
  for (let channel = 0; channel < 3; channel++) {
    const table = channelTable(image.mean[channel] as number, image.std[channel] as number);
    for (let i = 0, at = channel; i < plane; i++, at += 3)
      out[channel * plane + i] = table[crop[at] as number] as number;
  }
  return out;
}

/** All 256 values of a channel, rounded to float32 after each step as the training side does. */
function channelTable(mean: number, std: number): Float32Array {
  const [m, s] = [Math.fround(mean), Math.fround(std)];
  return Float32Array.from({ length: 256 }, (_, value) => Math.fround(Math.fround(value / 255) - m) / s);
}
