import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads an option's time, a date or an age such as 90s, 15m, 24h or 7d, as epoch milliseconds. */
export function parseTime(value: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(value) ?? [];
  const time = count && unit ? Date.now() - Number(count) * (UNITS[unit] as number) : Date.parse(value);
  if (Number.isNaN(time)) throw new InvalidArgumentError('expected a date such as 2026-05-15 or an age such as 24h');
  return time;
}
