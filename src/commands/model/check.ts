import type { Command } from 'commander';
import { openExtractor, openTelemetry } from '../../main.ts';
import { openBundle } from '../../model/bundle.ts';
import { checkGoldens, GOLDEN_FILE, type GoldenReport } from '../../model/check-bundle.ts';
import { configOf, exitingWith, type SettingOptions, withDeviceOptions, withJsonOption } from '../support/command.ts';
import { formatCount, printLine, tell } from '../support/output.ts';
import { listenForShutdown } from '../support/shutdown.ts';

/** Adds `grapevine model check`. */
export function addModelCheck(model: Command): void {
  const command = model
    .command('check')
    .description('check that a bundle is whole, loads on this machine and computes here what it did where it was made')
    .argument('<dir>', 'folder of the bundle')
    .addHelpText(
      'after',
      '\nExamples:\n  $ grapevine model check models/default\n  $ grapevine model check my-bundle --device cuda',
    )
    .action(exitingWith(check));
  withJsonOption(withDeviceOptions(command));
}

async function check(dir: string, options: SettingOptions & { readonly json?: boolean }): Promise<number> {
  const config = configOf({ ...options, bundle: dir });
  const { manifest } = await openBundle(dir);
  const begun = performance.now();
  const extractor = await openExtractor(
    { ...config, MODEL_WORKERS: 1 },
    openTelemetry(config),
    listenForShutdown(config.DRAIN_MS).abandon,
  );
  await using _closing = extractor;
  const loadSeconds = (performance.now() - begun) / 1000;
  // A post of our own, for bundles without examples and for the path that examples leave out: splitting a text.
  await extractor.extract({
    text: 'Maya Okoro moved to Lisbon &amp; joined #HarbourRobotics https://example.com',
    images: [],
  });
  const golden = Object.hasOwn(manifest.files, GOLDEN_FILE) ? await checkGoldens(dir, extractor) : undefined;
  const problems = golden?.problems ?? [];
  const files = Object.keys(manifest.files).length;
  const report = {
    bundle: manifest.name,
    generation: manifest.generation,
    precision: manifest.precision,
    device: config.DEVICE,
    ok: problems.length === 0,
    files,
    loadSeconds: Math.round(loadSeconds * 100) / 100,
    golden: golden && { cases: golden.cases, difference: golden.difference, tolerance: golden.tolerance },
    problems,
  };
  if (options.json) await printLine(JSON.stringify(report));
  else await show(report, golden);
  return report.ok ? 0 : 1;
}

async function show(
  report: { bundle: string; generation: number; precision: string; device: string; files: number; loadSeconds: number },
  golden: GoldenReport | undefined,
): Promise<void> {
  await printLine(`${report.bundle}, generation ${report.generation}, ${report.precision}`);
  await printLine(`  files     ${formatCount(report.files)} as the manifest describes them`);
  await printLine(`  graphs    load on ${report.device} in ${report.loadSeconds} s and give what the manifest says`);
  if (!golden) {
    await printLine('  examples  none in the bundle: results were not compared');
    return;
  }
  const off = `scores differ by ${golden.difference.toExponential(1)} at most, ${golden.tolerance} is allowed`;
  await printLine(`  examples  ${golden.cases}; ${off}`);
  for (const problem of golden.problems) tell(`  PROBLEM   ${problem}`);
  await printLine(golden.problems.length === 0 ? 'ok' : 'this bundle does not compute here what it should');
}
