import type { Command } from 'commander';
import { addModelBench } from './model/bench.ts';
import { addModelCheck } from './model/check.ts';
import { addModelEvaluate } from './model/evaluate.ts';
import { addModelInspect } from './model/inspect.ts';

/** Adds `grapevine model …`. */
export function addModel(program: Command): void {
  const model = program.command('model').description('look at, check and measure a model bundle');
  for (const add of [addModelInspect, addModelCheck, addModelEvaluate, addModelBench]) add(model);
}
