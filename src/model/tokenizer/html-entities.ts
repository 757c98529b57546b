/** A text whose HTML entities are decoded, and where each of its code units stands in the original. */
export interface Decoded {
  readonly text: string;
  /** Offset in the original of a code unit of the decoded text, or of its end. */
  offsetOf(index: number): number;
}

// What Twitter, Mastodon and Bluesky write; anything else stays as it is.
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
  ['hellip', '…'],
  ['mdash', '—'],
  ['ndash', '–'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
]);
const ENTITY = /&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));/gu;

/** Decodes the HTML entities that posts carry, once: `&amp;lt;` becomes `&lt;`. Never throws. */
export function decodeEntities(text: string): Decoded {
  if (!text.includes('&')) return { text, offsetOf: (index) => index };
  const offsets: number[] = [];
  let out = '';
  let at = 0;
  const keep = (end: number) => {
    for (; at < end; at++) {
      out += text.charAt(at);
      offsets.push(at);
    }
  };
  for (const match of text.matchAll(ENTITY)) {
    const decoded = characterOf(match);
    if (decoded === undefined) continue;
    keep(match.index);
    for (let i = 0; i < decoded.length; i++) offsets.push(at);
    out += decoded;
    at = match.index + match[0].length;
  }
  keep(text.length);
  offsets.push(text.length);
  return { text: out, offsetOf: (index) => offsets[index] as number };
}

function characterOf([, decimal, hex, name]: RegExpMatchArray): string | undefined {
  if (name !== undefined) return NAMED.get(name);
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const valid = code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff);
  return valid ? String.fromCodePoint(code) : undefined;
}
