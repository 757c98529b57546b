import { describe, expect, it } from 'vitest';
import { joinEmissions, nerRow, pieceWindows } from '../../../src/model/hvpnet/ner-input.ts';

describe('windows of the tagger', () => {
  it('are one for a text that fits', () => {
    expect(pieceWindows(0, 8)).toEqual([{ start: 0, end: 0 }]);
    expect(pieceWindows(8, 8)).toEqual([{ start: 0, end: 8 }]);
  });

  it.each([9, 10, 14, 15, 100, 101])('cover %i pieces with overlap', (pieces) => {
    const windows = pieceWindows(pieces, 8);
    expect(windows[0]?.start).toBe(0);
    expect(windows.at(-1)?.end).toBe(pieces);
    windows.forEach((window, i) => {
      expect(window.end - window.start).toBe(8);
      if (i > 0) expect(window.start).toBeLessThanOrEqual((windows[i - 1]?.end as number) - 2);
    });
  });

  it('are put together so that each piece is read where it stands deepest', () => {
    const windows = pieceWindows(14, 8);
    expect(windows).toEqual([
      { start: 0, end: 8 },
      { start: 6, end: 14 },
    ]);
    const special = { cls: -1, sep: -2 };
    const pieces = Int32Array.from({ length: 14 }, (_, i) => i);
    // One label, whose value names the piece and the window it was read in.
    const rows = windows.map((window, w) => Float32Array.from(nerRow(pieces, window, special), (id) => id + w * 100));
    expect([...joinEmissions(windows, rows, 1)]).toEqual([
      -1, 0, 1, 2, 3, 4, 5, 6, 107, 108, 109, 110, 111, 112, 113, 98,
    ]);
  });
});
