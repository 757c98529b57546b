import type { Entity } from '../../domain/graph.ts';
import { GrapevineError } from '../../errors.ts';
import type { ApiContext } from '../context.ts';
import { isoTime, spanArg, timeArg } from '../iso-time.ts';

const DEFAULT_BUCKET = '1d';
const DEFAULT_BARS = 30;
const MAX_BARS = 500;
const BOUNDS = { min: '1m', max: '365d' };

interface TimelineArgs {
  readonly bucket?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
}

/** `Entity.timeline`: one bar for each part of the time, also where there is nothing. */
export async function timeline(
  entity: Entity,
  args: TimelineArgs,
  { reader }: ApiContext,
): Promise<readonly { readonly start: string; readonly mentions: number }[]> {
  const bucketMs = spanArg('bucket', args.bucket ?? DEFAULT_BUCKET, BOUNDS);
  const endMs = timeArg('to', args.to) ?? Date.now() + 1;
  const startMs = timeArg('from', args.from) ?? endMs - DEFAULT_BARS * bucketMs;
  const fromMs = Math.floor(startMs / bucketMs) * bucketMs;
  const toMs = Math.ceil(endMs / bucketMs) * bucketMs;
  const length = (toMs - fromMs) / bucketMs;
  if (length < 1 || length > MAX_BARS) {
    const found = `from ${isoTime(startMs)} to ${isoTime(endMs)} there are ${length} parts`;
    throw new GrapevineError('BAD_REQUEST', `reading a timeline: ${found}; choose times with 1 to ${MAX_BARS}.`);
  }
  const bars = await reader.timeline(entity.id, { fromMs, toMs, bucketMs });
  const counts = new Map(bars.map(({ bar, mentions }) => [bar, mentions]));
  return Array.from({ length }, (_, bar) => ({
    start: isoTime(fromMs + bar * bucketMs),
    mentions: counts.get(bar) ?? 0,
  }));
}
