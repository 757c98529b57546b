import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, viewOf } from '../../../web/src/state/address.ts';
import { isEntityWanted, isFactWanted, PLAIN_VIEW, type View } from '../../../web/src/state/view.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 5 });
const views: fc.Arbitrary<View> = fc.record({
  offTypes: names,
  offRelations: names,
  minConfidence: fc.integer({ min: 0, max: 20 }).map((n) => n / 20),
  minSources: fc.integer({ min: 1, max: 1000 }),
  window: fc.constantFrom('', '15m', '1h', '24h', '7d'),
  selected: fc.string({ maxLength: 8 }),
  chosen: names,
  pinned: names,
  hidden: names,
  expanded: names,
  path: fc.array(fc.string({ maxLength: 8 }), { maxLength: 2 }),
  shape: fc.constantFrom('graph', 'table'),
  limit: fc.integer({ min: 10, max: 2000 }),
});

test('an address brings back the view that it was made of', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(viewOf(`#${hashOf(view)}`)).toEqual(view);
    }),
  );
  expect(hashOf(PLAIN_VIEW)).toBe('');
});

test('an address that makes no sense is a plain view, or as near to one as it goes', () => {
  expect(viewOf('#n=1e99&conf=-3&sources=x&time=constructor&as=film')).toEqual({ ...PLAIN_VIEW, limit: 2000 });
  fc.assert(fc.property(fc.string(), (hash) => void viewOf(hash)));
});

test('filters let through what they say', () => {
  const fact = {
    id: 'f',
    type: 'T',
    headId: 'a',
    tailId: 'b',
    confidence: 0.6,
    maxConfidence: 0.6,
    evidenceCount: 2,
    sourceCount: 1,
    authorCount: 1,
    firstSeenMs: 0,
    lastSeenMs: 1_000_000,
  };
  const wants = (change: Partial<View>, nowMs = 1_000_000) => isFactWanted({ ...PLAIN_VIEW, ...change }, fact, nowMs);
  expect(wants({})).toBe(true);
  expect(wants({ minConfidence: 0.65 })).toBe(false);
  expect(wants({ minSources: 2 })).toBe(false);
  expect(wants({ offRelations: ['T'] })).toBe(false);
  expect([wants({ window: '15m' }, 1_900_000), wants({ window: '15m' }, 1_900_001)]).toEqual([true, false]);
  const entity = { id: 'a', name: 'A', type: 'PER' };
  expect(isEntityWanted({ ...PLAIN_VIEW, offTypes: ['PER'] }, entity)).toBe(false);
  expect(isEntityWanted({ ...PLAIN_VIEW, hidden: ['a'] }, entity)).toBe(false);
});
