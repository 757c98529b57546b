import { bare, ours, PRECISIONS, type Question } from '../harness/question.ts';

/** How much of what onnxruntime can do on these threads does the pipeline lose? */
export const againstBareSessions: Question = {
  title: 'ours / bare sessions on perfect batches',
  contenders: ({ threads }) => PRECISIONS.flatMap((precision) => [ours(precision, threads), bare(precision, threads)]),
  rows: (results, { threads }) =>
    PRECISIONS.map((precision) => ({
      what: `ours ${precision} / bare ${precision}`,
      figure: results.ratio(ours(precision, threads), bare(precision, threads)),
      unit: 'x',
      atLeast: 0.9,
    })),
};
