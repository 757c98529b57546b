import { openPicture } from '../../model/preprocess/decode.ts';

const LONGEST_SIDE = 512;
const QUALITY = 80;
const TIMEOUT_SECONDS = 5;

/**
 * A WebP copy of a picture's first frame, at most 512 pixels a side, upright and without its metadata; undefined for bytes
 * that are no picture that can be read. What was in the file beside its pixels is not in the copy.
 */
export async function makeThumbnail(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const opened = await openPicture(bytes);
  if ('outcome' in opened) return undefined;
  return opened.input
    .autoOrient()
    .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY })
    .timeout({ seconds: TIMEOUT_SECONDS })
    .toBuffer()
    .catch(() => undefined);
}
