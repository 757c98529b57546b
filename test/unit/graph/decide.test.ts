import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, isApplied } from '../../../src/graph/plan/decide.ts';

interface State {
  readonly version: string | null;
  readonly generation: number;
  readonly contentHash: string;
  readonly deleted: boolean;
}
const live = (version: string, generation = 1, contentHash = 'h'): State => ({
  version,
  generation,
  contentHash,
  deleted: false,
});
const gone = (version: string | null): State => ({ version, generation: 1, contentHash: '', deleted: true });

test.each([
  [undefined, live('1'), 'created'],
  [undefined, gone('1'), 'deleted'],
  [live('2'), live('10'), 'replaced'],
  [live('10'), live('2'), 'stale_version'],
  [live('1', 2), live('1', 1), 'lower_generation'],
  [live('1', 1), live('1', 2), 'replaced'],
  [live('1', 2), live('2', 1), 'replaced'],
  [live('1'), live('01'), 'unchanged'],
  [live('1', 1, 'a'), live('1', 1, 'b'), 'replaced'],
  [live('1', 1, 'b'), live('1', 1, 'a'), 'conflicting_content'],
  [live('3'), gone('2'), 'stale_version'],
  [live('3'), gone('3'), 'deleted'],
  [live('3'), gone(null), 'deleted'],
  [gone('3'), live('3'), 'tombstoned'],
  [gone('3'), live('4'), 'created'],
  [gone(null), live('999'), 'tombstoned'],
  [gone('3'), gone('3'), 'unchanged'],
  [gone('3'), gone('2'), 'stale_version'],
  [gone('3'), gone(null), 'deleted'],
  [gone(null), gone(null), 'unchanged'],
  [gone(null), gone('3'), 'stale_version'],
] as const)('%j then %j: %s', (stored, incoming, outcome) => {
  expect(decide(stored, incoming)).toBe(outcome);
});

test('every order of records ends in the same state, and a replay changes nothing', () => {
  const version = fc.constantFrom('0', '1', '2', '10');
  const state = fc.oneof(
    fc.tuple(version, fc.constantFrom(1, 2), fc.constantFrom('a', 'b')).map((parts) => live(...parts)),
    fc.option(version).map(gone),
  );
  const fold = (records: readonly State[]) =>
    records.reduce<State | undefined>((stored, next) => (isApplied(decide(stored, next)) ? next : stored), undefined);
  const identity = (stored: State | undefined) =>
    stored?.deleted ? { version: stored.version, deleted: true } : stored;
  fc.assert(
    fc.property(
      fc
        .array(state, { minLength: 1, maxLength: 8 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([records, shuffled]) => {
        const end = fold(records);
        expect(identity(fold(shuffled))).toEqual(identity(end));
        for (const record of records) expect(isApplied(decide(end, record))).toBe(false);
      },
    ),
    { numRuns: 1000, seed: 4 },
  );
});
