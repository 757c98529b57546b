import type { Facet } from '../../domain/post.ts';
import { distinctTexts } from './values.ts';

/** A picture of a post as a source names it. */
export interface SourcePicture {
  readonly url: string;
  readonly alt?: string | undefined;
}

const LIST = { count: 200, length: 2048 };
const URLS = { count: 200, length: 4096 };
const MAX_FACETS = 500;
const MAX_ALT = 4096;

/** Pictures as the native format has them: `alt` only where one has a text. */
export function pictureFields(pictures: readonly SourcePicture[]): { images: string[]; alt?: string[] } {
  const kept = pictures.filter(({ url }) => url.length <= URLS.length);
  const alt = kept.map((picture) => (picture.alt ?? '').slice(0, MAX_ALT));
  return { images: kept.map(({ url }) => url), ...(alt.some((text) => text !== '') && { alt }) };
}

/** Links, tags and mentions as the native format has them: those with a place in the text and those without. */
export function linkFields(
  places: readonly Facet[],
  others: {
    readonly urls?: readonly (string | undefined)[];
    readonly hashtags?: readonly (string | undefined)[];
    readonly mentions?: readonly (string | undefined)[];
  } = {},
) {
  const facets = places
    .filter(({ value }) => value.length <= LIST.length)
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .slice(0, MAX_FACETS);
  const valuesOf = (kind: Facet['kind']) => facets.flatMap((facet) => (facet.kind === kind ? [facet.value] : []));
  return {
    urls: distinctTexts([...valuesOf('url'), ...(others.urls ?? [])], URLS),
    hashtags: distinctTexts([...valuesOf('hashtag'), ...(others.hashtags ?? [])], LIST),
    mentions: distinctTexts([...valuesOf('mention'), ...(others.mentions ?? [])], LIST),
    facets: facets.length > 0 ? facets : undefined,
  };
}

/** Least short side a picture must have, pixels: what the picture network sees. */
export const LEAST_SIDE = 224;
