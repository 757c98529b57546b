import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeMarks,
  encodeMarks,
  type Flag,
  isHiding,
  type Mark,
  NO_MARKS,
  withMark,
} from '../../../src/graph/plan/marks.ts';

const FLAGS: readonly Flag[] = ['hidden', 'withheld', 'deleted', 'suspended', 'protected', 'active'];
const mark: fc.Arbitrary<Mark> = fc.record({
  subjectId: fc.constant('author_1'),
  flag: fc.constantFrom(...FLAGS),
  isSet: fc.boolean(),
  atMs: fc.constantFrom(-1, 0, 1, 2, 3),
});
const fold = (marks: readonly Mark[]) => marks.reduce(withMark, NO_MARKS);

test('marks end the same in every order, and one that comes again changes nothing', () => {
  const shuffled = fc
    .array(mark, { maxLength: 8 })
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(shuffled, ([marks, others]) => {
      const end = fold(marks);
      expect(encodeMarks(fold(others))).toBe(encodeMarks(end));
      for (const again of marks) expect(withMark(end, again)).toBe(end);
      expect(decodeMarks(encodeMarks(end))).toEqual(end);
    }),
    { numRuns: 500, seed: 5 },
  );
});

test('active ends what is older and not what is set at its own time or later', () => {
  const of = (flag: Flag, atMs: number): Mark => ({ subjectId: 'author_1', flag, isSet: true, atMs });
  expect(isHiding(fold([of('suspended', 1), of('active', 2)]))).toBe(false);
  expect(isHiding(fold([of('suspended', 2), of('active', 2)]))).toBe(true);
  expect(isHiding(fold([of('protected', 3), of('active', 2)]))).toBe(true);
  expect(isHiding(NO_MARKS)).toBe(false);
});
