import type { Facet } from '../../domain/post.ts';
import { listAt, textAt, valueAt } from './values.ts';

const MAX_FACETS = 500;
const KINDS: Readonly<Record<string, readonly [Facet['kind'], string]>> = {
  'app.bsky.richtext.facet#link': ['url', 'uri'],
  'app.bsky.richtext.facet#tag': ['hashtag', 'tag'],
  'app.bsky.richtext.facet#mention': ['mention', 'did'],
};

/**
 * Links, tags and mentions of a text. Bluesky gives places in bytes of UTF-8; one that is outside the text or in the
 * middle of a character is left out.
 */
export function readBlueskyFacets(text: string, facets: unknown): readonly Facet[] {
  const list = Array.isArray(facets) ? facets.slice(0, MAX_FACETS) : [];
  if (list.length === 0) return [];
  const units = unitsOfBytes(text);
  return list.flatMap((facet) => {
    const start = placeOf(units, valueAt(facet, 'index', 'byteStart'));
    const end = placeOf(units, valueAt(facet, 'index', 'byteEnd'));
    if (start === undefined || end === undefined || start >= end) return [];
    return listAt(facet, 10, 'features').flatMap((feature): Facet[] => {
      const type = textAt(feature, '$type') ?? '';
      const [kind, field] = (Object.hasOwn(KINDS, type) && KINDS[type]) || [];
      const value = field && textAt(feature, field);
      return kind && value ? [{ start, end, kind, value }] : [];
    });
  });
}

/** UTF-16 offset of each byte offset that stands between two characters. */
function unitsOfBytes(text: string): ReadonlyMap<number, number> {
  const units = new Map<number, number>([[0, 0]]);
  let bytes = 0;
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    // A lone surrogate is written as three bytes, as the replacement character is.
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += character.length;
    units.set(bytes, at);
  }
  return units;
}

function placeOf(units: ReadonlyMap<number, number>, offset: unknown): number | undefined {
  return typeof offset === 'number' ? units.get(offset) : undefined;
}
