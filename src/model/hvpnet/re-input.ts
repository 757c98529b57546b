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

/** The words of a mention. */
export type WordSpan = Pick<Span, 'firstWord' | 'endWord'>;

/** What a row is made by: its length, and its special pieces. */
export interface ReRules {
  readonly maxSeq: number;
  /** Whether a closing marker is written when its mention ends the text. */
  readonly closeLast: boolean;
  readonly letterCase: boolean;
  readonly cls: number;
  readonly sep: number;
  readonly markers: NonNullable<Manifest['tokenizer']['markers']>;
}

/**
 * A row for two mentions: [CLS], pieces with `<s>…</s>` around the head and `<o>…</o>` around the tail, [SEP].
 *
 * Markers go between words; where several meet, `<s>`, `</s>`, `<o>`, `</o>` is their order. A text that is longer than
 * `maxSeq` is cut around the pair; when the pair itself is longer, around each mention. Both markers are always in.
 */
export function reRow(post: EncodedPost, head: WordSpan, tail: WordSpan, rules: ReRules): ReRow {
  const { cls, sep, markers } = rules;
  const room = rules.maxSeq - 2 - MARKERS;
  const cut = cutAround(post.pieces.length, extent(post, head), extent(post, tail), room);
  const closes = (word: number) => rules.closeLast || word < post.words.length;
  const edges = [
    { piece: cut.first.start, word: head.firstWord, marker: markers.headStart, in: true },
    { piece: cut.first.end, word: head.endWord, marker: markers.headEnd, in: closes(head.endWord) },
    { piece: cut.second.start, word: tail.firstWord, marker: markers.tailStart, in: true },
    { piece: cut.second.end, word: tail.endWord, marker: markers.tailEnd, in: closes(tail.endWord) },
  ]
    .filter((edge) => edge.in)
    .sort((a, b) => a.piece - b.piece || a.word - b.word);
  const pieces = rules.letterCase ? post.cased : post.pieces;
  const ids: number[] = [cls];
  let next = 0;
  for (const window of cut.windows) {
    for (let piece = window.start; piece <= window.end; piece++) {
      for (; edges[next]?.piece === piece; next++) ids.push(edges[next]?.marker as number);
      if (piece < window.end) ids.push(pieces[piece] as number);
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

function extent(post: EncodedPost, span: WordSpan): PieceWindow {
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
