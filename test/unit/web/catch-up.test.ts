import { expect, test } from 'vitest';
import { CatchUp } from '../../../web/src/state/catch-up.ts';

test('what was missed is counted up to the newest change at the time of the connection, whichever is known first', () => {
  expect(new CatchUp('c5').knows('c5')).toBe(0);
  const late = new CatchUp('c5');
  expect([late.knows('c7'), late.saw('c6'), late.saw('c7'), late.saw('c8')]).toEqual([
    undefined,
    undefined,
    2,
    undefined,
  ]);
  const early = new CatchUp('c5');
  expect([early.saw('c6'), early.saw('c7'), early.saw('c8'), early.knows('c7')]).toEqual([
    undefined,
    undefined,
    undefined,
    2,
  ]);
});
