import type { Command } from 'commander';
import { openBundle } from '../../model/bundle.ts';
import { type Manifest, seeingTasks, tasksOf } from '../../model/manifest.ts';
import { exitingWith, withJsonOption } from '../support/command.ts';
import { formatCount, printLine } from '../support/output.ts';

/** Adds `grapevine model inspect`. */
export function addModelInspect(model: Command): void {
  const command = model
    .command('inspect')
    .description('print what a bundle is: tasks, labels, sizes, languages, scores; every file is checked')
    .argument('<dir>', 'folder of the bundle')
    .addHelpText('after', '\nExample:\n  $ grapevine model inspect models/default')
    .action(exitingWith(inspect));
  withJsonOption(command);
}

async function inspect(dir: string, options: { readonly json?: boolean }): Promise<number> {
  const { manifest } = await openBundle(dir);
  if (options.json) await printLine(JSON.stringify(manifest));
  else for (const line of describe(manifest)) await printLine(line);
  return 0;
}

function* describe(manifest: Manifest): Generator<string> {
  const { size, ner, re, text } = manifest;
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  yield `${manifest.name}, generation ${manifest.generation}`;
  yield `  precision  ${manifest.precision}`;
  yield `  size       ${size.layers} layers x ${size.hidden}, ${size.heads} heads; ${formatCount(bytes)} bytes in ${Object.keys(manifest.files).length} files`;
  yield `  licence    ${manifest.license ?? 'not stated'}`;
  yield `  languages  ${manifest.languages.length > 0 ? manifest.languages.join(', ') : 'any'}`;
  yield `  text       web addresses read as ${text.url ?? 'they are'}, hashtags ${text.hashtags}`;
  const seeing = seeingTasks(manifest);
  for (const task of tasksOf(manifest)) {
    const part = manifest[task];
    yield `  ${task.padEnd(9)}  up to ${part?.maxSeq} pieces, ${seeing.includes(task) ? 'with pictures' : 'text only'}`;
  }
  if (ner) yield `  entities   ${types(ner.labels).join(', ')}`;
  if (re)
    yield `  relations  ${new Set(re.labels.map((label) => label.type)).size - 1} types, pairs in ${re.pairs} order`;
  for (const [name, value] of Object.entries((manifest.metrics ?? {}) as Record<string, unknown>)) {
    const f1 = (value as { f1?: number } | null)?.f1;
    if (f1 !== undefined) yield `  score      ${name}: F1 ${f1}`;
  }
}

function types(labels: readonly string[]): string[] {
  return [...new Set(labels.flatMap((label) => /^[BI]-(.+)$/u.exec(label)?.[1] ?? []))];
}
