import { z } from 'zod';
import { durationUpTo } from './rule-duration.ts';
import { SPIKE_METHODS, type SpikeTest } from './spike.ts';

const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000];
/** Buckets of a baseline, at least and at most. */
const [MIN_BUCKETS, MAX_BUCKETS] = [2, 168];

/** What a rule says of spikes. */
export const spikeSettings = z
  .strictObject({
    bucket: durationUpTo(DAY_MS).default(60 * MINUTE_MS),
    baseline: durationUpTo(MAX_BUCKETS * DAY_MS).default(12 * 60 * MINUTE_MS),
    method: z.enum(SPIKE_METHODS).default('zscore'),
    threshold: z.number().positive().max(1_000_000).default(3),
    minCount: z.int().min(1).max(1_000_000).default(20),
  })
  .transform(({ bucket: bucketMs, baseline, ...rest }, context): SpikeTest => {
    const problem = (part: string, message: string) => context.addIssue({ code: 'custom', path: [part], message });
    const buckets = baseline / bucketMs;
    if (bucketMs < MINUTE_MS) problem('bucket', 'a bucket is at least 1m');
    else if (!Number.isInteger(buckets) || buckets < MIN_BUCKETS || buckets > MAX_BUCKETS)
      problem('baseline', `a baseline is ${MIN_BUCKETS} to ${MAX_BUCKETS} whole buckets`);
    return { ...rest, bucketMs, buckets };
  });
