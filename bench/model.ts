import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundles, Size } from './harness/bundles.ts';
import { prepareBundles } from './harness/bundles.ts';
import { Field, nameOf, type Spec } from './harness/contenders.ts';
import { demandOf, lengthSummary, makeCorpus } from './harness/corpus.ts';
import { availableMemory } from './harness/machine.ts';
import { PICTURES } from './harness/pictures.ts';
import type { Question, Row, Subject } from './harness/question.ts';
import type { Section } from './harness/report.ts';
import { Results } from './harness/results.ts';
import { runRounds } from './harness/rounds.ts';
import type { OursSlice } from './harness/slices.ts';
import { spread } from './harness/statistics.ts';
import { againstAuthors } from './questions/against-authors.ts';
import { againstBareSessions } from './questions/against-bare-sessions.ts';
import { duplicates } from './questions/duplicates.ts';
import { eventLoop } from './questions/event-loop.ts';
import { int8 } from './questions/int8.ts';
import { padding } from './questions/padding.ts';
import { scaling } from './questions/scaling.ts';

/** The questions by the name they are chosen by, in the order of the report. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  authors: againstAuthors,
  bare: againstBareSessions,
  padding,
  scaling,
  loop: eventLoop,
  duplicates,
  int8,
};

/** How the model is measured. */
export interface ModelBench {
  readonly size: Size;
  readonly questions: readonly Question[];
  readonly python: string | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly workers: number;
  readonly inFlight: number;
  /** Budget of ours; its own default where it is not given. */
  readonly tokenBudget: number | undefined;
  readonly bareBudget: number;
  tell(line: string): void;
}

/** What was found out about one size of model. */
export interface ModelReport {
  readonly size: Size;
  readonly sections: readonly Section[];
  /** Posts a second of every contender: for orientation, not to be compared between machines. */
  readonly rates: readonly Row[];
  readonly machineIndex: { readonly fp32: number; readonly int8: number } | undefined;
  readonly corpus: string;
}

/** Memory of a contender in bytes: what its threads hold of the weights, and the rest of a process. */
const WEIGHTS: Readonly<Record<Size, Readonly<Record<'fp32' | 'int8', number>>>> = {
  paper: { fp32: 1.6e9, int8: 0.5e9 },
  'paper-shared': { fp32: 1.5e9, int8: 0.5e9 },
  default: { fp32: 0.3e9, int8: 0.15e9 },
};
const PROCESS = 0.25e9;

/** Runs all contenders of the questions in one interleaved run; undefined where there are no bundles of that size. */
export async function benchModel(options: ModelBench): Promise<ModelReport | undefined> {
  const { size, python, workers, inFlight, tokenBudget, bareBudget, tell } = options;
  const bundles = prepareBundles(size, python, tell);
  if (!bundles) return undefined;
  const subject: Subject = { size, threads: workers, emulated: bundles.python === undefined };
  const specs = new Map(
    options.questions.flatMap((question) => question.contenders(subject)).map((spec) => [nameOf(spec), spec]),
  );
  warnAboutMemory([...specs.values()], size, tell);
  await using field = new Field({ bundles, threads: workers, inFlight, tokenBudget, bareBudget });
  for (const [name, spec] of specs) {
    tell(`starting ${size} ${name}`);
    await field.add(spec);
  }
  const run = await runRounds(field, { ...options, tell: (line) => tell(`${size}  ${line}`) });
  const corpus = makeCorpus(vocabularyOf(bundles), PICTURES);
  const results = new Results(run, demandOf(corpus), workers);
  return {
    size,
    sections: options.questions.map((question) => ({
      title: `${size}: ${question.title}`,
      rows: question.rows(results, subject),
    })),
    rates: [...specs.values()].map((spec) => rateRow(spec, results)),
    machineIndex: indexOf(run.calibration),
    corpus: `pieces per text: ${lengthSummary(corpus)}; ${demandOf(corpus).pairs.toFixed(2)} pairs a post`,
  };
}

function rateRow(spec: Spec, results: Results): Row {
  const memory = results.slices<OursSlice>(spec).map(({ slice }) => slice.rss);
  const resident = spec.kind === 'ours' ? `resident ${((spread(memory)?.median ?? 0) / 1e9).toFixed(2)} GB` : '';
  return { what: nameOf(spec), figure: results.figure(results.rates(spec), [spec]), unit: 'posts/s', note: resident };
}

function indexOf(calibration: readonly { fp32: number; int8: number }[]): ModelReport['machineIndex'] {
  const [fp32, integer] = [spread(calibration.map((each) => each.fp32)), spread(calibration.map((each) => each.int8))];
  return fp32 && integer && { fp32: fp32.median, int8: integer.median };
}

function vocabularyOf({ fp32 }: Bundles): string[] {
  return readFileSync(join(fp32, 'vocab.txt'), 'utf8').split('\n');
}

function warnAboutMemory(specs: readonly Spec[], size: Size, tell: (line: string) => void): void {
  const needed = specs.reduce((sum, spec) => {
    if (spec.kind === 'authors') return sum + PROCESS + WEIGHTS[size].fp32;
    return sum + PROCESS + spec.workers * WEIGHTS[size][spec.precision];
  }, 0);
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  if (needed > availableMemory()) {
    tell(
      `WARNING: about ${gigabytes(needed)} of memory are wanted, ${gigabytes(availableMemory())} are free; ask fewer questions at once`,
    );
  }
}
