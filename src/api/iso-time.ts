import { spanOf } from '../domain/span.ts';
import { GrapevineError } from '../errors.ts';

/** A DateTime of the schema: epoch milliseconds as ISO 8601 text in UTC. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A DateTime that a client gave, as epoch milliseconds. @throws {BAD_REQUEST} when it is none. */
export function timeArg(name: string, value: unknown): number | undefined {
  if (value == null) return undefined;
  const ms = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  const found = JSON.stringify(value).slice(0, 80);
  throw new GrapevineError(
    'BAD_REQUEST',
    `reading "${name}": ${found} is no time; give one such as 2026-05-15T08:00:00Z.`,
  );
}

/** A length of time that a client gave, as milliseconds. @throws {BAD_REQUEST} when it is none within the bounds. */
export function spanArg(
  name: string,
  value: string,
  { min, max }: { readonly min: string; readonly max: string },
): number {
  const span = spanOf(value);
  if (span !== undefined && span >= (spanOf(min) ?? 0) && span <= (spanOf(max) ?? 0)) return span;
  const found = JSON.stringify(value.slice(0, 80));
  throw new GrapevineError('BAD_REQUEST', `reading "${name}": ${found} is no length of time from ${min} to ${max}.`);
}
