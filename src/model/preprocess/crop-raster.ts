import type { Box } from '../../domain/image.ts';
import type { RasterImage } from './pil-resize.ts';

/** A part of a picture, its box rounded and cut to the picture's edges; undefined when nothing of it is inside. */
export function cropRaster(image: RasterImage, box: Box): RasterImage | undefined {
  const [left, right] = [inside(box[0], image.width), inside(box[2], image.width)];
  const [top, bottom] = [inside(box[1], image.height), inside(box[3], image.height)];
  const [width, height] = [right - left, bottom - top];
  if (!(width > 0 && height > 0)) return undefined;
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { data, width, height, channels };
}

function inside(edge: number, size: number): number {
  return Math.min(size, Math.max(0, Math.round(edge)));
}
