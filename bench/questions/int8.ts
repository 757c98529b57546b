import { instructionSets } from '../harness/machine.ts';
import { bare, PRECISIONS, type Question, type Row } from '../harness/question.ts';
import { perUnit } from '../harness/results.ts';
import type { BareSlice } from '../harness/slices.ts';

/** How much faster are the graphs in 8 bits, on this processor? */
export const int8: Question = {
  title: 'graphs in int8 / fp32',
  contenders: ({ threads }) => PRECISIONS.map((precision) => bare(precision, threads)),
  rows: (results, { threads }) => {
    const specs = PRECISIONS.map((precision) => bare(precision, threads));
    const [float, integer] = specs.map((spec) => results.slices<BareSlice>(spec));
    const row = (what: string, kinds: readonly ('ner' | 're' | 'visual')[]): Row => {
      const cost = (slice: BareSlice) => kinds.reduce((sum, kind) => sum + perUnit([slice[kind]]), 0);
      const gains = (float ?? []).map(({ slice }, round) => cost(slice) / cost((integer?.[round] ?? { slice }).slice));
      return { what, figure: results.figure(gains, specs), unit: 'x', note: instructionSets().join(' ') };
    };
    return [row('text graphs', ['ner', 're']), row('visual and prefix graphs', ['visual'])];
  },
};
