import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { LoadedImage } from '../../domain/image.ts';
import { GrapevineError, messageOf } from '../../errors.ts';
import { openExtractor, openImages, openTelemetry } from '../../main.ts';
import { openBundle } from '../../model/bundle.ts';
import { parseConll } from '../../model/evaluate/conll.ts';
import { evaluateNer, type NerEvaluation } from '../../model/evaluate/evaluate-ner.ts';
import { evaluateRe, type ReEvaluation } from '../../model/evaluate/evaluate-re.ts';
import { parseMnre } from '../../model/evaluate/mnre.ts';
import type { Scores } from '../../model/evaluate/scores.ts';
import type { Manifest, Task } from '../../model/manifest.ts';
import { configOf, exitingWith, type SettingOptions, withDeviceOptions, withJsonOption } from '../support/command.ts';
import { formatCount, formatReasons, printLine } from '../support/output.ts';
import { startProgress } from '../support/progress.ts';
import { listenForShutdown } from '../support/shutdown.ts';

interface EvaluateOptions extends SettingOptions {
  readonly task: Task;
  readonly data: string;
  readonly json?: boolean;
}

/** Adds `grapevine model evaluate`. */
export function addModelEvaluate(model: Command): void {
  const command = model
    .command('evaluate')
    .description('score a bundle on annotated data, at the precision that ships')
    .argument('<dir>', 'folder of the bundle')
    .addOption(new Option('--task <task>', 'entities or relations').choices(['ner', 're']).makeOptionMandatory())
    .requiredOption('--data <file>', 'CoNLL for ner, MNRE (a Python dictionary a line) for re')
    .option('--image-root <dir>', 'folder of the pictures, ID.jpg each; without it no pictures are read')
    .addHelpText(
      'after',
      [
        '',
        'Relations: "given" is the order of the file, "serving" the one a service can know; that one counts. "endToEnd" are',
        'the relations between entities of the bundle’s own, above their thresholds.',
        '',
        'Examples:',
        '  $ grapevine model evaluate models/default --task ner --data valid.txt',
        '  $ grapevine model evaluate models/default --task re --data val.txt --image-root pictures --json',
      ].join('\n'),
    )
    .action(exitingWith(evaluate));
  withJsonOption(withDeviceOptions(command));
}

async function evaluate(dir: string, options: EvaluateOptions): Promise<number> {
  const config = configOf({ ...options, bundle: dir });
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const { manifest } = await openBundle(dir);
  const source = await read(options.data);
  // By picture: a post may be read more than once.
  const seen = new Map<string, string>();
  await using extractor = await openExtractor(config, telemetry, shutdown.abandon);
  await using images = await openImages(config, telemetry);
  const pictureOf = (id: string) => async (): Promise<LoadedImage> => {
    const image = await images.load(extname(id) === '' ? `${id}.jpg` : id);
    const outcome = 'outcome' in image ? image.outcome : 'ok';
    seen.set(id, outcome);
    return image;
  };
  const progress = startProgress(undefined, options.json === true);
  const result = await score(source, options, manifest, {
    extractor,
    pictureOf: config.IMAGE_ROOT === undefined ? undefined : pictureOf,
    onProgress: (finished: number) => progress.update(finished, finished),
  });
  progress.stop();
  const outcomes: Record<string, number> = {};
  for (const outcome of seen.values()) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (options.json) await printLine(JSON.stringify({ ...result, ...(config.IMAGE_ROOT && { pictures: outcomes }) }));
  else for (const line of describe(result, outcomes)) await printLine(line);
  return shutdown.exitCode() ?? 0;
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GrapevineError('INPUT_UNREADABLE', `reading ${file}: ${messageOf(cause)}`, { cause });
  });
}

function score(
  source: string,
  { task, data }: EvaluateOptions,
  { ner, re, name }: Manifest,
  options: Parameters<typeof evaluateNer>[2],
): Promise<NerEvaluation | ReEvaluation> {
  const nothing = (what: string) =>
    new GrapevineError('INPUT_UNREADABLE', `reading ${data}: there is no ${what} in it; see --help for the formats`);
  if (task === 'ner' && ner) {
    const posts = parseConll(source);
    if (posts.length === 0) throw nothing('post');
    return evaluateNer(posts, ner, options);
  }
  if (task === 're' && re) {
    const rows = parseMnre(source);
    if (rows.length === 0) throw nothing('row');
    return evaluateRe(rows, { re, ner }, options);
  }
  throw new GrapevineError('USAGE', `evaluating ${name}: the bundle has no model for ${task}`);
}

function describe(result: NerEvaluation | ReEvaluation, pictures: Readonly<Record<string, number>>): string[] {
  const row = (name: string, { p, r, f1 }: Scores) =>
    `${name.padEnd(34)}${[p, r, f1].map((value) => value.toFixed(2).padStart(8)).join('')}`;
  const what = result.task === 'ner' ? 'posts' : 'pairs';
  const lines = [`${formatCount(result.n)} ${what}`, `${''.padEnd(34)}       P       R      F1`];
  for (const [type, scores] of Object.entries(result.perType)) lines.push(row(type, scores));
  lines.push(row('all', result.micro));
  if (result.task === 're') lines.push(row('all, in the order of the file', result.orders.given));
  if (result.task === 're' && result.endToEnd) {
    lines.push(`${row('end to end', result.endToEnd)}, ${result.endToEnd.others} between spans that are not annotated`);
  }
  if (Object.keys(pictures).length > 0) lines.push(`pictures: ${formatReasons(pictures)}`);
  return lines;
}
