import { bare, ours, type Question } from '../harness/question.ts';

/** How much does a second worker bring, and how much could it? */
export const scaling: Question = {
  title: 'two workers / one',
  contenders: () => [ours('int8', 2), ours('int8', 1), bare('int8', 2), bare('int8', 1)],
  rows: (results) => [
    {
      what: 'ours int8, 2 workers / 1',
      figure: results.ratio(ours('int8', 2), ours('int8', 1)),
      unit: 'x',
      atLeast: 1.9,
    },
    {
      what: 'bare int8, 2 threads / 1',
      figure: results.ratio(bare('int8', 2), bare('int8', 1)),
      unit: 'x',
      note: 'what this machine allows',
    },
  ],
};
