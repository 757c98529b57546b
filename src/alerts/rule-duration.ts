import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';

const DAY_MS = 86_400_000;

/** A time such as `30s`, read as milliseconds. */
export function durationUpTo(maxMs: number) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms <= maxMs) return ms;
    const limit = ms === undefined ? 'a time such as 30s, 5m, 6h or 30d' : `at most ${maxMs / DAY_MS} d`;
    context.addIssue({ code: 'custom', message: `"${text}" is not possible here; expected ${limit}` });
    return z.NEVER;
  });
}
