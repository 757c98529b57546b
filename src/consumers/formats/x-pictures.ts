import { LEAST_SIDE, type SourcePicture } from './post-parts.ts';
import { type JsonObject, listAt, sizeAt, textAt } from './values.ts';

/** Widths and heights into which X fits a picture, by name, smallest first. */
const SIZES: readonly (readonly [string, number])[] = [
  ['small', 680],
  ['medium', 1200],
  ['large', 2048],
];
const PICTURE_HOST = 'pbs.twimg.com';

/** The pictures a post attaches; `missing` when one is named that the frame does not bring along. */
export function readXPictures(
  frame: unknown,
  tweet: JsonObject,
): { readonly pictures: readonly SourcePicture[]; readonly missing: boolean } {
  const media = listAt(frame, 500, 'includes', 'media');
  const pictures: SourcePicture[] = [];
  let missing = false;
  for (const key of listAt(tweet, 100, 'attachments', 'media_keys')) {
    const item = media.find((candidate) => textAt(candidate, 'media_key') === key);
    const url = textAt(item, 'type') === 'photo' ? textAt(item, 'url') : textAt(item, 'preview_image_url');
    if (url) pictures.push({ url: sizedUrl(url, item), alt: textAt(item, 'alt_text') });
    else missing = true;
  }
  return { pictures, missing };
}

/** Asks for the smallest size whose short side is long enough; addresses elsewhere stay as they are. */
function sizedUrl(address: string, item: unknown): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.hostname !== PICTURE_HOST || url.protocol !== 'https:') return address;
  const width = sizeAt(item, 'width');
  const height = sizeAt(item, 'height');
  url.searchParams.set('name', width && height ? sizeFor(width, height) : 'small');
  return url.href;
}

function sizeFor(width: number, height: number): string {
  const shortSide = (limit: number) => Math.min(width, height) * Math.min(1, limit / Math.max(width, height));
  const enough = Math.min(LEAST_SIDE, Math.floor(shortSide(2048)));
  return SIZES.find(([, limit]) => shortSide(limit) >= enough)?.[0] ?? 'large';
}
