import { ours, type Question, type Row } from '../harness/question.ts';

const SHARES = [0.35, 0.7] as const;

/** How much does it save that posts share pictures? */
export const duplicates: Question = {
  title: 'repeated pictures',
  contenders: ({ threads }) => [0, ...SHARES].map((share) => ours('int8', threads, { duplicates: share })),
  rows: (results, { threads }) =>
    SHARES.flatMap((share): Row[] => {
      const specs = [ours('int8', threads, { duplicates: share }), ours('int8', threads)] as const;
      const ideal = 1 / (1 - share * results.pictureShare('int8'));
      const gains = results.ratios(...specs);
      const percent = Math.round(share * 100);
      return [
        { what: `${percent} % repeated / none, ours int8`, figure: results.figure(gains, specs), unit: 'x' },
        {
          what: `${percent} % repeated, of the ideal ${ideal.toFixed(2)}x`,
          figure: results.figure(
            gains.map((gain) => gain / ideal),
            specs,
          ),
          unit: 'share',
          atLeast: 0.95,
        },
      ];
    }),
};
