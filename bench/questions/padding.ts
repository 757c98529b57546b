import { ours, PRECISIONS, type Question } from '../harness/question.ts';
import type { OursSlice } from '../harness/slices.ts';

/** How many of the pieces that are computed are real? */
export const padding: Question = {
  title: 'useful pieces among those computed',
  contenders: ({ threads }) => PRECISIONS.map((precision) => ours(precision, threads)),
  rows: (results, { threads }) =>
    PRECISIONS.map((precision) => {
      const spec = ours(precision, threads);
      const shares = results.slices<OursSlice>(spec).map(({ slice }) => {
        const real = slice.nerPieces + slice.rePieces;
        return real / (real + slice.padding);
      });
      return {
        what: `useful / padded, ours ${precision}`,
        figure: results.figure(shares, []),
        unit: 'share',
        atLeast: 0.93,
      };
    }),
};
