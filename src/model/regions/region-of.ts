import type { Box, Region } from '../../domain/image.ts';

/** Steps of a share. */
const STEPS = 10_000;

/** A box of a picture as shares of its width and height. */
export function regionOf(
  [left, top, right, bottom]: Box,
  { width, height }: { width: number; height: number },
): Region {
  const share = (pixels: number, side: number) => Math.round((pixels / side) * STEPS) / STEPS;
  return [share(left, width), share(top, height), share(right, width), share(bottom, height)];
}
