import { BatchQueue } from './batcher.ts';
import type { DeviceProfile } from './device-profile.ts';
import type { TextQueue } from './hvpnet/recognise-entities.ts';
import { type Manifest, partOf, type Task } from './manifest.ts';
import type { ModelMetrics } from './metrics.ts';
import { buffersOf, filledPieces, packBatch, unpackBatch } from './pack-batch.ts';
import type { Prefix } from './runtime/messages.ts';
import type { ModelPool } from './runtime/model-pool.ts';

/** What the queue of a text graph needs. */
export interface TextQueueOptions {
  readonly task: Task;
  readonly pool: ModelPool;
  readonly manifest: Manifest;
  /** Prefix of an empty slot; undefined for a task that reads text only. */
  readonly empty: Prefix | undefined;
  readonly profile: DeviceProfile;
  readonly metrics: ModelMetrics;
}

/** The queue of a text graph: rows in, emissions [pieces, labels] or logits [labels] out. */
export function textQueue({ task, pool, manifest, empty, profile, metrics }: TextQueueOptions): TextQueue {
  const { tokenBudget: budget, window, callCost, buckets } = profile;
  return new BatchQueue({
    pool,
    limits: { budget, window, callCost, costOf: (rows, longest) => filledPieces(buckets, rows, longest) },
    lengthOf: (row) => row.ids.length,
    async run(worker, rows) {
      const batch = packBatch(rows, { task, manifest, empty, buckets });
      const pieces = rows.reduce((sum, row) => sum + row.ids.length, 0);
      metrics.batchRun(task, rows.length, pieces, batch.ids.length);
      const shape = { task, rows: batch.rows };
      const output = await worker.call<Float32Array>('text', batch, buffersOf(batch));
      return unpackBatch(shape, rows, output, partOf(manifest, task).labels.length);
    },
  });
}
