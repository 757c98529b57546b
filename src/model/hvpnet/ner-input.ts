/** A range of pieces that is fed to the tagger as one row. */
export interface PieceWindow {
  readonly start: number;
  readonly end: number;
}

/**
 * Ranges that cover `pieces` pieces, none longer than `capacity`.
 *
 * A text that fits is one range; a longer one gets ranges that share a quarter of their length with the next.
 */
export function pieceWindows(pieces: number, capacity: number): PieceWindow[] {
  if (pieces <= capacity) return [{ start: 0, end: pieces }];
  const step = capacity - Math.floor(capacity / 4);
  const windows: PieceWindow[] = [];
  for (let start = 0; ; start += step) {
    if (start + capacity >= pieces) {
      windows.push({ start: pieces - capacity, end: pieces });
      return windows;
    }
    windows.push({ start, end: start + capacity });
  }
}

/** A row of the tagger: [CLS], the window's pieces, [SEP]. */
export function nerRow(pieces: Int32Array, window: PieceWindow, special: { cls: number; sep: number }): Int32Array {
  const ids = new Int32Array(window.end - window.start + 2);
  ids[0] = special.cls;
  ids.set(pieces.subarray(window.start, window.end), 1);
  ids[ids.length - 1] = special.sep;
  return ids;
}

/**
 * Emissions of the whole text, [pieces + 2, labels], from those of its windows.
 *
 * Each piece is read from the window in which it stands farthest from an edge, so that both neighbours are seen.
 */
export function joinEmissions(
  windows: readonly PieceWindow[],
  rows: readonly Float32Array[],
  labels: number,
): Float32Array {
  const [only] = rows;
  if (rows.length === 1 && only) return only;
  const pieces = windows.at(-1)?.end ?? 0;
  const joined = new Float32Array((pieces + 2) * labels);
  let current = 0;
  const copy = (window: number, from: number, to: number) => {
    joined.set((rows[window] as Float32Array).subarray(from * labels, (from + 1) * labels), to * labels);
  };
  copy(0, 0, 0);
  for (let piece = 0; piece < pieces; piece++) {
    while (current + 1 < windows.length && depth(windows[current + 1], piece) > depth(windows[current], piece))
      current++;
    copy(current, piece - (windows[current] as PieceWindow).start + 1, piece + 1);
  }
  const last = windows.length - 1;
  copy(last, (rows[last] as Float32Array).length / labels - 1, pieces + 1);
  return joined;
}

/** Pieces between a piece and the nearer end of a window; negative outside. */
function depth(window: PieceWindow | undefined, piece: number): number {
  return window ? Math.min(piece - window.start, window.end - 1 - piece) : -1;
}
