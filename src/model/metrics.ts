import { Counter, type Registry } from 'prom-client';
import type { Task } from './manifest.ts';

/** Counters of the model's work. */
export interface ModelMetrics {
  /** A batch went to a text graph: `pieces` real ones among `padded`. */
  batchRun(task: Task, rows: number, pieces: number, padded: number): void;
  /** A picture was decoded and encoded, not taken from the cache. */
  imageRead(outcome: string): void;
}

/** Counters in the given registry; a second model of the process shares them. */
export function createModelMetrics(registry: Registry): ModelMetrics {
  const counter = (name: string, help: string, labelNames: string[]) =>
    (registry.getSingleMetric(`grapevine_model_${name}_total`) as Counter | undefined) ??
    new Counter({ name: `grapevine_model_${name}_total`, help, labelNames, registers: [registry] });
  const batches = counter('batches', 'Batches run by a text graph.', ['task']);
  const rows = counter('rows', 'Rows run by a text graph.', ['task']);
  const pieces = counter('pieces', 'Word pieces run by a text graph; kind tells real ones from padding.', [
    'task',
    'kind',
  ]);
  const images = counter('images', 'Pictures decoded and encoded, cache hits left out.', ['outcome']);
  return {
    batchRun(task, count, real, padded) {
      batches.inc({ task });
      rows.inc({ task }, count);
      pieces.inc({ task, kind: 'real' }, real);
      pieces.inc({ task, kind: 'padding' }, padded - real);
    },
    imageRead(outcome) {
      images.inc({ outcome });
    },
  };
}
