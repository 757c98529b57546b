import type { Row } from './question.ts';
import { CLEAN_ROUNDS } from './results.ts';

/** One question's rows, with the size of model they are about. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** How a row did. */
export type Verdict = 'met' | 'MISSED' | '';

const HEADER = ['', 'median', 'quartiles', 'clean rounds', 'target', 'verdict', ''];

/** Whether a row reaches its target; empty where it has none or was not measured. */
export function verdict({ figure, atLeast, atMost }: Row): Verdict {
  if (!figure || (atLeast === undefined && atMost === undefined)) return '';
  return figure.median >= (atLeast ?? -Infinity) && figure.median <= (atMost ?? Infinity) ? 'met' : 'MISSED';
}

/** The sections as aligned text. */
export function textTable(sections: readonly Section[]): string {
  const table = sections.map(({ title, rows }) => ({ title, cells: rows.map(cellsOf) }));
  const all = [HEADER, ...table.flatMap(({ cells }) => cells)];
  const widths = HEADER.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(HEADER), ...table.flatMap(({ title, cells }) => ['', title, ...cells.map(line)])].join('\n');
}

/** The sections as a Markdown table. */
export function markdownTable(sections: readonly Section[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = sections.flatMap(({ title, rows }) => [
    line([`**${title}**`, ...HEADER.slice(1).map(() => '')]),
    ...rows.map((row) => line(cellsOf(row))),
  ]);
  return [line(HEADER), line(HEADER.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows].join('\n');
}

function cellsOf(row: Row): string[] {
  const { what, figure, unit, atLeast, atMost, note = '' } = row;
  const write = (value: number) => written(value, unit);
  if (!figure) return [what, 'not measured', '', '', targetOf(row), '', note];
  const clean = `${figure.clean}${figure.clean < CLEAN_ROUNDS ? ' (NOT PUBLISHABLE)' : ''}`;
  const quartiles = `${write(figure.low)} – ${write(figure.high)}`;
  return [what, write(figure.median), quartiles, clean, targetOf({ atLeast, atMost, unit }), verdict(row), note];
}

function targetOf({
  atLeast,
  atMost,
  unit,
}: {
  atLeast?: number | undefined;
  atMost?: number | undefined;
  unit: Row['unit'];
}): string {
  if (atLeast !== undefined) return `>= ${written(atLeast, unit)}`;
  return atMost === undefined ? '' : `<= ${written(atMost, unit)}`;
}

function written(value: number, unit: Row['unit']): string {
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'ms') return `${value.toFixed(1)} ms`;
  if (unit === 'posts/s' || unit === 'events/s') return value.toFixed(value < 10 ? 2 : 1);
  return `${value.toFixed(value < 10 ? 2 : 1)}x`;
}
