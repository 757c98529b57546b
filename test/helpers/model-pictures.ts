import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { LoadedImage } from '../../src/domain/image.ts';
import type { RasterImage } from '../../src/model/preprocess/pil-resize.ts';

/** A made-up RGB picture of any size, the same on every machine. */
export function pattern(width: number, height: number): RasterImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[at++] = (x * 7 + y * 13) % 256;
      data[at++] = (x * 3 + y * 5) % 251;
      data[at++] = (x * x + y) % 256;
    }
  }
  return { data, width, height, channels: 3 };
}

/** The picture as a file of a format. */
export async function encode(image: RasterImage, format: 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff'): Promise<Buffer> {
  const raw = { width: image.width, height: image.height, channels: image.channels as 1 | 2 | 3 | 4 };
  return sharp(image.data, { raw }).toFormat(format).toBuffer();
}

/** A file's bytes as the extractor takes them: loaded when it comes to them. */
export function loading(bytes: Uint8Array): () => Promise<LoadedImage> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return async () => ({ bytes, sha256 });
}

/** A 16-bit grey PNG of 2 x 2: 100, 300, 65535, 0. */
export const GREY16_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACEAAAAAAHTY67AAAAEklEQVR4nGNgSGHUYfj/n4EBAAsyApB9GRr9AAAAAElFTkSuQmCC',
  'base64',
);

/** An 8 x 8 JPEG in CMYK, every pixel (10, 20, 30, 40); Pillow reads it as RGB (207, 198, 190). */
export const CMYK_JPEG = Buffer.from(
  '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB/8' +
    'AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAr/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AHUGsGEFcP/Z',
  'base64',
);
