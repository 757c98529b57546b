import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';

/** A whole number of at least `minimum`. */
export const count = (fallback: number, minimum = 1) => z.coerce.number().int().min(minimum).default(fallback);
/** A time such as `24h`. */
export const duration = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .refine((text) => parseDuration(text) !== undefined, 'expected a time such as 30s, 5m, 24h or 7d');
/** Yes or no. */
export const flag = (fallback: boolean) => z.stringbool().default(fallback);
/** A name as Kafka takes it. */
export const topic = (fallback: string) =>
  z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,200}$/, 'expected a Kafka name: letters, digits, dot, dash, underscore')
    .default(fallback);
/** True for the number of a port. */
export const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
/** What a browser calls the origin of a page: scheme, host and a port that is not the standard one. */
export const isOrigin = (text: string) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
/** Several items, separated by commas. */
export const list = (fallback: string, isItem: (item: string) => boolean, what: string) =>
  z
    .string()
    .default(fallback)
    .refine((text) => items(text).every(isItem), `expected ${what}, separated by commas`);

/** The parts of a setting that is a list. */
export function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** An address to connect to; what is sent there is a secret or public posts, so it is in clear on this machine only. */
export const address = (fallback: string, schemes: readonly string[]) =>
  z
    .string()
    .refine((value) => isAddress(value, schemes), {
      error: `expected ${schemes[0]}://HOST…, or ${schemes[1]}://… for an address of this machine`,
    })
    .default(fallback);

/** True for an address with the first scheme, or with the second one on this machine. */
export function isAddress(value: string, [secure, clear]: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === `${secure}:` || (protocol === `${clear}:` && /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname));
}
