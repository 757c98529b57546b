import { GrapevineError } from '../errors.ts';

const DEFAULT_S = 30;
const MAX_S = 3600;

/** Longest silence that a subscriber wants, milliseconds. @throws {BAD_REQUEST} when it is not 1 to 3,600 seconds. */
export function heartbeatMs(seconds: number | null | undefined): number {
  const wanted = seconds ?? DEFAULT_S;
  if (wanted >= 1 && wanted <= MAX_S) return wanted * 1000;
  throw new GrapevineError('BAD_REQUEST', `subscribing: "heartbeatSeconds" is ${wanted}; give 1 to ${MAX_S}.`);
}
