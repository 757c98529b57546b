/** A value of a cell; null and undefined leave it empty. */
export type Cell = string | number | null | undefined;

/** One line of RFC 4180, ended. Text is always quoted, so an empty text is told from no text. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\n`;
}

function cellOf(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`;
}
