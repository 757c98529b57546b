import { bare, ours, type Question } from '../harness/question.ts';

/** How much does a second worker bring, and how much could it? */
export const scaling: Question = {
  title: 'two workers / one',
  contenders: () => [ours('int8', 2), ours('int8', 1), bare('int8', 2), bare('int8', 1)],
  rows: (results) => {
    const [two, one] = [ours('int8', 2), ours('int8', 1)];
    const [bareTwo, bareOne] = [bare('int8', 2), bare('int8', 1)];
    const machine = results.ratios(bareTwo, bareOne);
    const shares = results.ratios(two, one).map((gain, round) => gain / (machine[round] ?? Number.NaN));
    return [
      { what: 'ours int8, 2 workers / 1', figure: results.ratio(two, one), unit: 'x', atLeast: 1.9 },
      {
        what: 'bare int8, 2 threads / 1',
        figure: results.ratio(bareTwo, bareOne),
        unit: 'x',
        note: 'what this machine allows',
      },
      {
        what: 'ours, of what this machine allows',
        figure: results.figure(shares, [two, one, bareTwo, bareOne]),
        unit: 'share',
      },
    ];
  },
};
