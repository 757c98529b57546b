import type { Manifest } from '../manifest.ts';
import type { EncodedPost } from '../tokenizer/encode-post.ts';
import type { Span } from './decode-mentions.ts';
import type { PieceWindow } from './ner-input.ts';

/** A row of the relation classifier. */
export interface ReRow {
  readonly ids: Int32Array;
  /** Where `<s>` stands. */
  readonly head: number;
  /** Where `<o>` stands. */
  readonly tail: number;
}

/** Markers of a pair: they count as pieces. */
const MARKERS = 4;

/**
 * A row for two mentions in text order: [CLS], pieces with `<s>…</s>` around the first and `<o>…</o>` around the second, [SEP].
 *
 * Markers go between words; where several meet, `<s>`, `</s>`, `<o>`, `</o>` is their order. A text that is longer than
 * `maxSeq` is cut around the pair; when the pair itself is longer, around each mention. Both markers are always in.
 */
export function reRow(post: EncodedPost, first: Span, second: Span, manifest: Manifest): ReRow {
  const { cls, sep, markers } = manifest.tokenizer;
  const room = manifest.re.maxSeq - 2 - MARKERS;
  const cut = cutAround(post.pieces.length, extent(post, first), extent(post, second), room);
  const edges = [
    { piece: cut.first.start, word: first.firstWord, marker: markers.headStart },
    { piece: cut.first.end, word: first.endWord, marker: markers.headEnd },
    { piece: cut.second.start, word: second.firstWord, marker: markers.tailStart },
    { piece: cut.second.end, word: second.endWord, marker: markers.tailEnd },
  ].sort((a, b) => a.piece - b.piece || a.word - b.word);
  const ids: number[] = [cls];
  let next = 0;
  for (const window of cut.windows) {
    for (let piece = window.start; piece <= window.end; piece++) {
      for (; edges[next]?.piece === piece; next++) ids.push(edges[next]?.marker as number);
      if (piece < window.end) ids.push(post.pieces[piece] as number);
    }
  }
  ids.push(sep);
  return { ids: Int32Array.from(ids), head: ids.indexOf(markers.headStart), tail: ids.indexOf(markers.tailStart) };
}

interface Cut {
  readonly windows: readonly PieceWindow[];
  readonly first: PieceWindow;
  readonly second: PieceWindow;
}

/** Which pieces stay, and where the mentions are among them. */
function cutAround(pieces: number, first: PieceWindow, second: PieceWindow, room: number): Cut {
  const both = union(first, second);
  if (both.end - both.start <= room) return { windows: [grow(both, room, pieces)], first, second };
  const half = Math.floor(room / 2);
  const [a, b] = [shorten(first, half), shorten(second, half)];
  const shortened = union(a, b);
  if (shortened.end - shortened.start <= room) return { windows: [grow(shortened, room, pieces)], first: a, second: b };
  // More than `room` apart, so the two halves cannot meet.
  return {
    windows: [grow(a, half, pieces), grow(b, half, pieces)].sort((x, y) => x.start - y.start),
    first: a,
    second: b,
  };
}

function extent(post: EncodedPost, span: Span): PieceWindow {
  return { start: post.offsets[span.firstWord] as number, end: post.offsets[span.endWord] as number };
}

function union(a: PieceWindow, b: PieceWindow): PieceWindow {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

function shorten(window: PieceWindow, length: number): PieceWindow {
  return { start: window.start, end: Math.min(window.end, window.start + length) };
}

/** Adds as much text on both sides as fits, more on one where the other ends. */
function grow(window: PieceWindow, room: number, pieces: number): PieceWindow {
  const length = Math.min(room, pieces);
  const spare = length - (window.end - window.start);
  const start = Math.min(Math.max(0, window.start - Math.floor(spare / 2)), pieces - length);
  return { start, end: start + length };
}
