import { LEAST_SIDE, type SourcePicture } from './post-parts.ts';
import { listAt, objectAt, sizeAt, textAt, valueAt } from './values.ts';

const CID = /^[A-Za-z0-9]{1,128}$/;
/** Long side of what the CDN calls a thumbnail, pixels. */
const THUMBNAIL_SIDE = 1000;
const MAX_PICTURES = 50;

/** What a post embeds. */
export interface BlueskyEmbed {
  readonly pictures: readonly SourcePicture[];
  /** True when a picture is named that cannot be found by what the record says. */
  readonly missing: boolean;
  readonly link?: string;
  readonly quoteOf?: string;
}

/** Reads an embed: pictures, a gallery, a video's still, a link's picture, a quoted post, or a quoted post with media. */
export function readBlueskyEmbed(did: string, embed: unknown): BlueskyEmbed {
  const type = textAt(embed, '$type');
  if (type === 'app.bsky.embed.recordWithMedia') {
    const quoted = quotedPost(valueAt(embed, 'record', 'record'));
    return { ...readMedia(did, valueAt(embed, 'media')), ...quoted };
  }
  if (type === 'app.bsky.embed.record')
    return { pictures: [], missing: false, ...quotedPost(valueAt(embed, 'record')) };
  return readMedia(did, embed);
}

/** Lists, feeds and people can be embedded as well; only a post is quoted. */
function quotedPost(record: unknown): { readonly quoteOf?: string } {
  const uri = textAt(record, 'uri');
  return uri?.includes('/app.bsky.feed.post/') ? { quoteOf: uri } : {};
}

function readMedia(did: string, media: unknown): BlueskyEmbed {
  const type = textAt(media, '$type');
  if (type === 'app.bsky.embed.images') return pictures(did, listAt(media, MAX_PICTURES, 'images'));
  if (type === 'app.bsky.embed.gallery') return pictures(did, listAt(media, MAX_PICTURES, 'items'));
  if (type === 'app.bsky.embed.video') return video(did, media);
  if (type === 'app.bsky.embed.external') return external(did, valueAt(media, 'external'));
  return { pictures: [], missing: false };
}

function pictures(did: string, items: readonly unknown[]): BlueskyEmbed {
  // A gallery may hold what is no picture; everything here that names a blob as its picture counts.
  const blobs = items.filter((item) => objectAt(item, 'image') !== undefined);
  const found = blobs.flatMap((item): SourcePicture[] => {
    const url = pictureUrl(did, valueAt(item, 'image'), valueAt(item, 'aspectRatio'));
    return url ? [{ url, alt: textAt(item, 'alt') }] : [];
  });
  return { pictures: found, missing: found.length < blobs.length };
}

function external(did: string, card: unknown): BlueskyEmbed {
  const link = textAt(card, 'uri');
  const thumb = objectAt(card, 'thumb');
  const url = thumb && pictureUrl(did, thumb, undefined);
  return { pictures: url ? [{ url }] : [], missing: thumb !== undefined && !url, ...(link && { link }) };
}

function video(did: string, media: unknown): BlueskyEmbed {
  const cid = textAt(media, 'video', 'ref', '$link');
  if (!cid || !CID.test(cid)) return { pictures: [], missing: true };
  const url = `https://video.bsky.app/watch/${encodeURIComponent(did)}/${cid}/thumbnail.jpg`;
  return { pictures: [{ url, alt: textAt(media, 'alt') }], missing: false };
}

/** The CDN's address of a blob: a thumbnail where its short side is long enough, else the full size. */
function pictureUrl(did: string, blob: unknown, aspect: unknown): string | undefined {
  const cid = textAt(blob, 'ref', '$link');
  if (!cid || !CID.test(cid)) return undefined;
  const width = sizeAt(aspect, 'width') ?? 1;
  const height = sizeAt(aspect, 'height') ?? 1;
  const shortSide = (THUMBNAIL_SIDE * Math.min(width, height)) / Math.max(width, height);
  const preset = shortSide >= LEAST_SIDE ? 'feed_thumbnail' : 'feed_fullsize';
  return `https://cdn.bsky.app/img/${preset}/plain/${did}/${cid}@jpeg`;
}
