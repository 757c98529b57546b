const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Pauses after each failed attempt, as Standard Webhooks advises: ten attempts in a little more than three days. */
const PAUSES_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/**
 * Time until the next attempt, undefined when there is none; up to a tenth longer, so that a receiver that comes back
 * is not asked for everything at once.
 *
 * @param attempts how many have been made, 1 or more
 * @param random from 0 to 1
 */
export function pauseAfter(attempts: number, random: number): number | undefined {
  const pause = PAUSES_MS[attempts - 1];
  return pause && Math.round(pause * (1 + random / 10));
}
