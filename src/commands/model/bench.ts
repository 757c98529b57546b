import { type Command, InvalidArgumentError } from 'commander';
import { openExtractor, openTelemetry } from '../../main.ts';
import { benchBundle } from '../../model/bench-bundle.ts';
import { openBundle } from '../../model/bundle.ts';
import { configOf, exitingWith, type SettingOptions, withDeviceOptions, withJsonOption } from '../support/command.ts';
import { printLine, tell } from '../support/output.ts';
import { listenForShutdown } from '../support/shutdown.ts';

interface BenchOptions extends SettingOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

/** Adds `grapevine model bench`. */
export function addModelBench(model: Command): void {
  const command = model
    .command('bench')
    .description('measure how many posts a second a bundle reads on this machine')
    .argument('<dir>', 'folder of the bundle')
    .option('--seconds <n>', 'time for each of the three measurements', toSeconds, 5)
    .addHelpText('after', '\nExample:\n  $ grapevine model bench models/default --seconds 10')
    .action(exitingWith(bench));
  withJsonOption(withDeviceOptions(command));
}

function toSeconds(value: string): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= 600) return seconds;
  throw new InvalidArgumentError('expected seconds between 0 and 600');
}

async function bench(dir: string, options: BenchOptions): Promise<number> {
  const config = configOf({ ...options, bundle: dir });
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const { manifest } = await openBundle(dir);
  await using extractor = await openExtractor(config, openTelemetry(config), shutdown.abandon);
  const measured = await benchBundle(extractor, options.seconds, (step) => {
    if (!options.json) tell(`measuring ${step}`);
  });
  const { name, generation, precision } = manifest;
  const report = {
    bundle: name,
    generation,
    precision,
    device: config.DEVICE,
    workers: config.MODEL_WORKERS,
    ...measured,
  };
  if (options.json) await printLine(JSON.stringify(report));
  else for (const line of describe(report)) await printLine(line);
  return shutdown.exitCode() ?? 0;
}

function describe(report: {
  bundle: string;
  precision: string;
  device: string;
  workers: number;
  postsPerSecond: number;
  textPostsPerSecond: number;
  cachedPostsPerSecond: number;
  instructionSets: readonly string[];
}): string[] {
  const sets = report.instructionSets.length > 0 ? `, processor has ${report.instructionSets.join(' ')}` : '';
  return [
    `${report.bundle}, ${report.precision} on ${report.device} with ${report.workers} workers${sets}`,
    `  posts a second, a new picture each  ${report.postsPerSecond}`,
    `  the same picture for all            ${report.cachedPostsPerSecond}`,
    `  no picture                          ${report.textPostsPerSecond}`,
  ];
}
