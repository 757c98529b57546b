import { ours, PRECISIONS, type Question } from '../harness/question.ts';
import type { OursSlice } from '../harness/slices.ts';

/** How late is the main thread, which also answers queries? */
export const eventLoop: Question = {
  title: 'delay of the main thread’s event loop',
  contenders: ({ threads }) => PRECISIONS.map((precision) => ours(precision, threads)),
  rows: (results, { threads }) =>
    PRECISIONS.map((precision) => {
      const spec = ours(precision, threads);
      const delays = results.slices<OursSlice>(spec).map(({ slice }) => slice.loopDelayMs.p99);
      return { what: `p99, ours ${precision}`, figure: results.figure(delays, [spec]), unit: 'ms', atMost: 5 };
    }),
};
