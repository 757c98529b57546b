import { AUTHORS, bare, ours, PRECISIONS, type Question, type Row } from '../harness/question.ts';

const CROPS = [0, 3] as const;

/** How much faster is the service than the paper's code, which takes post by post? */
export const againstAuthors: Question = {
  title: 'ours / the per-post path of the paper’s code',
  contenders: ({ threads }) => [
    AUTHORS,
    ...PRECISIONS.flatMap((precision) => [
      bare(precision, threads),
      ...CROPS.map((crops) => ours(precision, threads, { crops })),
    ]),
  ],
  rows: (results, { threads, size, emulated }) =>
    PRECISIONS.flatMap((precision) =>
      CROPS.map((crops): Row => {
        const path = emulated ? 'EMULATED path' : 'authors’ path';
        const target = size !== 'default' && precision === 'fp32' && crops === 0 && !emulated;
        return {
          what: `ours ${precision} / ${path}, 1 picture${crops > 0 ? ` and ${crops} crops` : ''}`,
          figure: results.ratio(ours(precision, threads, { crops }), AUTHORS),
          unit: 'x',
          ...(target && { atLeast: 9 }),
        };
      }),
    ),
};
