import { Gauge, type Registry } from 'prom-client';
import type { Circuit } from './circuit.ts';
import type { Window } from './window.ts';

/** What a stage shows of itself beside what happens in it. */
export interface WatchedStage {
  readonly name: string;
  readonly window: Window;
  readonly circuits: readonly Circuit[];
}

/** How stages stand, as metrics. */
export interface StageGauges {
  /** Shows a stage from now on. */
  watch(stage: WatchedStage): void;
}

/** Gauges in the given registry that look whenever they are read. Make them once for each registry. */
export function createStageGauges(registry: Registry): StageGauges {
  const stages = new Set<WatchedStage>();
  const define = (name: string, help: string, label: string, show: (gauge: Gauge, stage: WatchedStage) => void) =>
    new Gauge({
      name: `grapevine_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        for (const stage of stages) show(this, stage);
      },
    });
  define('window_records', 'Records in flight in a stage.', 'stage', (gauge, { name, window }) => {
    gauge.set({ stage: name }, window.records);
  });
  define('window_bytes', 'Bytes of the records in flight in a stage.', 'stage', (gauge, { name, window }) => {
    gauge.set({ stage: name }, window.bytes);
  });
  define(
    'circuit_open',
    '1 while a dependency does not answer and no new work is begun.',
    'dependency',
    (gauge, stage) => {
      for (const { dependency, open } of stage.circuits) gauge.set({ dependency }, Number(open));
    },
  );
  return { watch: (stage) => void stages.add(stage) };
}
