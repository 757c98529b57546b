import { InvalidArgumentError } from 'commander';
import { spanOf } from '../../domain/span.ts';

/** A hundred years: later times have no ISO form that sorts. */
const MAX_SPAN_MS = 36_525 * 86_400_000;

/** Reads an option's time, a date or an age such as 90s, 15m, 24h or 7d, as epoch milliseconds. */
export function parseTime(value: string): number {
  const span = spanOf(value);
  const time = span === undefined ? Date.parse(value) : Date.now() - span;
  if (Number.isNaN(time)) throw new InvalidArgumentError('expected a date such as 2026-05-15 or an age such as 24h');
  return time;
}

/** Reads an option's length of time, such as 90s, 15m, 24h or 7d, as milliseconds. */
export function parseSpan(value: string): number {
  const span = spanOf(value);
  if (span !== undefined && span > 0 && span <= MAX_SPAN_MS) return span;
  throw new InvalidArgumentError('expected a length of time such as 90s, 15m, 24h or 30d');
}
