import sharp, { type Metadata, type Sharp } from 'sharp';
import type { ImageOutcome } from '../../domain/image.ts';
import { messageOf } from '../../errors.ts';
import { looksLikePicture } from './picture-kind.ts';
import type { RasterImage } from './pil-resize.ts';
import { restrictDecoders } from './restrict-decoders.ts';

const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'gif']);
const MAX_PIXELS = 40_000_000;
const TIMEOUT_SECONDS = 5;

/** Pixels, or the reason why a picture has none. */
export type Decoded = { readonly image: RasterImage } | { readonly outcome: Exclude<ImageOutcome, 'ok'> };

/** A picture whose header could be read, or why not. Nothing but its header has been decoded; only the first frame will be. */
export type OpenedPicture =
  | { readonly input: Sharp; readonly metadata: Metadata }
  | { readonly outcome: Exclude<ImageOutcome, 'ok'> };

/** Looks at a picture's header: only formats that posts carry, and only so many pixels, are opened. */
export async function openPicture(bytes: Uint8Array): Promise<OpenedPicture> {
  if (bytes.length === 0) return { outcome: 'decode_error' };
  restrictDecoders();
  const input = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', ignoreIcc: true, pages: 1 });
  const metadata = await input.metadata().catch((error: unknown) => messageOf(error));
  if (typeof metadata === 'string') {
    const outcome = refusal(metadata);
    return { outcome: outcome === 'unsupported_format' && !looksLikePicture(bytes) ? 'not_image' : outcome };
  }
  if (!FORMATS.has(metadata.format)) return { outcome: 'unsupported_format' };
  if (metadata.width * metadata.height > MAX_PIXELS) return { outcome: 'too_many_pixels' };
  return { input, metadata };
}

/**
 * Decodes the first frame of a picture to the pixels that Pillow's `convert('RGB')` gives: alpha is dropped without compositing,
 * colour profiles are ignored, CMYK is converted without one, 16-bit grey saturates. Alpha stays in the data as a last channel.
 */
export async function decodeImage(bytes: Uint8Array, options: { readonly exif: boolean }): Promise<Decoded> {
  const opened = await openPicture(bytes);
  if ('outcome' in opened) return opened;
  const { input, metadata } = opened;
  const read = () => readPixels(options.exif ? input.clone().autoOrient() : input.clone(), metadata);
  try {
    return { image: await onceMoreOnTimeout(read) };
  } catch (error) {
    return { outcome: refusal(messageOf(error)) };
  }
}

/**
 * The limit is on the clock of the wall, and a machine that was paused or starved looks the same as a picture without end: only
 * a second try tells them apart, and the outcome is kept for good.
 */
export async function onceMoreOnTimeout<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!/\btimeout: \d+% complete/u.test(messageOf(error))) throw error;
    return read();
  }
}

async function readPixels(input: Sharp, metadata: Metadata): Promise<RasterImage> {
  // Staying in the file's own colour space keeps libvips from converting it its own way.
  const own =
    metadata.space === 'cmyk' || (metadata.space === 'grey16' && !metadata.hasAlpha) ? metadata.space : undefined;
  const pipeline = own ? input.pipelineColourspace(own).toColourspace(own) : input;
  const { data, info } = await pipeline
    .timeout({ seconds: TIMEOUT_SECONDS })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const image = { data, width: info.width, height: info.height, channels: info.channels };
  return own === 'cmyk' ? cmykToRgb(image) : image;
}

/** Pillow's conversion: black scales what the other inks leave. */
function cmykToRgb({ data, width, height }: RasterImage): RasterImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const white = 255 - (data[from + 3] as number);
    for (let ink = 0; ink < 3; ink++) rgb[to++] = Math.max(0, white - scale255(data[from + ink] as number, white));
  }
  return { data: rgb, width, height, channels: 3 };
}

/** a * b / 255, rounded. */
function scale255(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

function refusal(message: string): Exclude<ImageOutcome, 'ok'> {
  if (/unsupported image format/iu.test(message)) return 'unsupported_format';
  return /pixel limit/iu.test(message) ? 'too_many_pixels' : 'decode_error';
}
