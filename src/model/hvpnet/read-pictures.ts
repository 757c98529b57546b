import type { Box, LoadedImage } from '../../domain/image.ts';
import type { ExtractorInput, ReadImage } from '../extractor.ts';
import type { ImageCache } from '../image-cache.ts';
import type { Prefixes } from '../runtime/messages.ts';

/** What a post's pictures give the model, and what became of all of them. */
export interface Pictures {
  readonly read: readonly ReadImage[];
  /** Prefixes of the picture slots: the whole picture, then its regions; undefined and missing ones are empty. */
  readonly slots: readonly (Prefixes | undefined)[];
}

/** What reading pictures needs. */
export interface PictureReader {
  readonly cache: ImageCache;
  /** Whether regions are looked for where none are given. */
  readonly detects: boolean;
  /** Whether the bundle reads pictures at all. */
  readonly sees: boolean;
}

/**
 * Reads the first picture of a post that can be used; later ones are not even loaded. Given regions belong to the first
 * picture alone.
 */
export async function readPictures(
  images: ExtractorInput['images'],
  regions: readonly Box[] | undefined,
  reader: PictureReader,
): Promise<Pictures> {
  const read: ReadImage[] = [];
  let slots: Pictures['slots'] | undefined;
  for (const [i, load] of images.entries()) {
    if (slots || !reader.sees) {
      read.push({ outcome: reader.sees ? 'too_many_images' : 'not_read' });
      continue;
    }
    const picture = await readPicture(load, i === 0 ? regions : undefined, reader);
    read.push(picture.read);
    slots = picture.slots;
  }
  return { read, slots: slots ?? [] };
}

async function readPicture(
  load: () => Promise<LoadedImage>,
  regions: readonly Box[] | undefined,
  { cache, detects }: PictureReader,
): Promise<{ read: ReadImage; slots?: Pictures['slots'] }> {
  const image = await load();
  if (!('bytes' in image)) return { read: image };
  const { sha256 } = image;
  try {
    const reply = await (regions || !detects ? cache.crops(image, regions ?? []) : cache.detect(image));
    if (reply.outcome !== 'ok') return { read: { outcome: reply.outcome, sha256 } };
    const { slots, regions: found } = reply;
    return { read: { outcome: 'ok', sha256, ...(found && { regions: found }) }, slots };
  } finally {
    image.release?.();
  }
}
