import type { Box } from '../../domain/image.ts';
import type { Candidate } from './decode-boxes.ts';
import type { RegionPolicy } from './detector-plan.ts';

interface Region {
  readonly box: Box;
  readonly score: number;
}

/**
 * The boxes worth a look of their own: sure enough, large enough, not much the same as a better one, best first.
 *
 * Classes play no part. Candidates whose numbers are not finite are ignored; a box that was dropped suppresses no other.
 */
export function selectRegions(
  candidates: readonly Candidate[],
  picture: { readonly width: number; readonly height: number },
  policy: RegionPolicy,
): Box[] {
  const regions: Region[] = [];
  for (const { box, score } of candidates) {
    if (!Number.isFinite(score) || score < policy.threshold || !box.every(Number.isFinite)) continue;
    const whole = wholePixels(box, picture);
    if (Math.min(whole[2] - whole[0], whole[3] - whole[1]) >= policy.minSize) regions.push({ box: whole, score });
  }
  const chosen: Box[] = [];
  for (const { box } of regions.sort(bestFirst)) {
    if (chosen.length === policy.maxRegions) break;
    if (chosen.every((better) => overlap(better, box) <= policy.iou)) chosen.push(box);
  }
  return chosen;
}

/** The smallest box of whole pixels around what the picture shows of a box; empty when it shows nothing. */
function wholePixels(box: Candidate['box'], { width, height }: { width: number; height: number }): Box {
  const within = (value: number, end: number) => Math.min(end, Math.max(0, value));
  return [
    within(Math.floor(box[0]), width),
    within(Math.floor(box[1]), height),
    within(Math.ceil(box[2]), width),
    within(Math.ceil(box[3]), height),
  ];
}

function bestFirst(a: Region, b: Region): number {
  const differences = [b.score - a.score, ...a.box.map((side, i) => side - (b.box[i] as number))];
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (area(a) + area(b) - shared);
}

function area(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}
