const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a length of time such as 90s, 15m, 24h or 7d; undefined when it is none. */
export function spanOf(value: string): number | undefined {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(value) ?? [];
  return count && unit ? Number(count) * (UNITS[unit] as number) : undefined;
}
