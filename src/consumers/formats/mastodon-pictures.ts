import { LEAST_SIDE, type SourcePicture } from './post-parts.ts';
import { type JsonObject, listAt, sizeAt, textAt } from './values.ts';

/** The pictures a status attaches; `missing` when one has no address. */
export function readMastodonPictures(status: JsonObject): {
  readonly pictures: readonly SourcePicture[];
  readonly missing: boolean;
} {
  const pictures: SourcePicture[] = [];
  let missing = false;
  for (const item of listAt(status, 50, 'media_attachments')) {
    const type = textAt(item, 'type');
    if (type === 'audio') continue;
    const url = type === 'image' ? imageUrl(item) : stillUrl(type, item);
    if (url) pictures.push({ url, alt: textAt(item, 'description') });
    else missing = true;
  }
  return { pictures, missing };
}

/**
 * The preview where it is large enough, else the original. A preview without a size is taken: servers make them of about
 * 230,000 pixels, which only a very narrow picture fits with a short side below what is needed.
 */
function imageUrl(item: unknown): string | undefined {
  const preview = textAt(item, 'preview_url');
  const original = textAt(item, 'url') ?? textAt(item, 'remote_url');
  const shortSide = Math.min(sizeOf(item, 'width'), sizeOf(item, 'height'));
  return preview && shortSide >= LEAST_SIDE ? preview : (original ?? preview);
}

function sizeOf(item: unknown, side: string): number {
  return sizeAt(item, 'meta', 'small', side) ?? Number.POSITIVE_INFINITY;
}

function stillUrl(type: string | undefined, item: unknown): string | undefined {
  return type === 'video' || type === 'gifv' ? textAt(item, 'preview_url') : undefined;
}
