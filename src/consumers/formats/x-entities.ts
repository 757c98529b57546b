import type { Facet } from '../../domain/post.ts';
import { listAt, textAt, valueAt } from './values.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const MAX_ENTITIES = 100;

/** A text of X as its author wrote it, with where its entities stand. */
export interface XText {
  readonly text: string;
  readonly facets: readonly Facet[];
  /** Entities whose place could not be found in the text. */
  readonly others: { urls: string[]; hashtags: string[]; mentions: string[] };
}

/** One entity: what it stands for, and the spellings it may have in the text. */
interface Entity {
  readonly kind: Facet['kind'];
  readonly value: string;
  readonly shown: readonly string[];
  /** In Unicode code points, as X counts. */
  readonly start: unknown;
}

/** Undoes the escapes of a text and finds its links, tags and mentions. */
export function readXEntities(escaped: string, entities: unknown): XText {
  const text = escaped.replace(/&(?:amp|lt|gt);/g, (escape) => ESCAPES[escape] as string);
  const facets: Facet[] = [];
  const others: XText['others'] = { urls: [], hashtags: [], mentions: [] };
  const offsets = codePointOffsets(text);
  for (const entity of listEntities(entities)) {
    const place = find(text, offsets, entity);
    if (place) facets.push({ ...place, kind: entity.kind, value: entity.value });
    else others[`${entity.kind}s`].push(entity.value);
  }
  return { text, facets, others };
}

function listEntities(entities: unknown): Entity[] {
  const list = (kind: Facet['kind'], name: string, value: (item: unknown) => string | undefined, signs: string[]) =>
    listAt(entities, MAX_ENTITIES, name).flatMap((item): Entity[] => {
      const shown = kind === 'url' ? textAt(item, 'url') : value(item);
      const meant = value(item);
      if (meant === undefined) return [];
      const spellings = shown === undefined ? [] : signs.map((sign) => `${sign}${shown}`);
      return [{ kind, value: meant, shown: spellings, start: valueAt(item, 'start') }];
    });
  return [
    ...list('url', 'urls', (item) => textAt(item, 'expanded_url') ?? textAt(item, 'url'), ['']),
    ...list('hashtag', 'hashtags', (item) => textAt(item, 'tag'), ['#', '＃']),
    ...list('mention', 'mentions', (item) => textAt(item, 'username'), ['@', '＠']),
  ];
}

/** Offsets that X gives are believed where the text agrees; escapes before them may have moved them, so else it is searched. */
function find(text: string, offsets: readonly number[], { start, shown }: Entity): Pick<Facet, 'start' | 'end'> | null {
  const given = typeof start === 'number' ? offsets[start] : undefined;
  for (const spelling of shown) {
    for (const at of [given, text.indexOf(spelling)]) {
      if (at === undefined || at < 0) continue;
      const end = at + spelling.length;
      if (sameLetters(text.slice(at, end), spelling)) return { start: at, end };
    }
  }
  return null;
}

function sameLetters(a: string, b: string): boolean {
  return a !== '' && a.toLowerCase() === b.toLowerCase();
}

/** UTF-16 offset of each code point of a text, and of its end. */
function codePointOffsets(text: string): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (const character of text) {
    offsets.push(at);
    at += character.length;
  }
  offsets.push(at);
  return offsets;
}
