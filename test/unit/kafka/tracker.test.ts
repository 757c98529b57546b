import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartitionTracker } from '../../../src/consumers/kafka/tracker.ts';

/** The same rules told with plain sets: what was delivered, what is finished, and the end of what was seen. */
class Model {
  readonly delivered = new Set<number>();
  readonly finished = new Set<number>();
  end: number | undefined;

  unfinished(): number[] {
    return [...this.delivered].filter((offset) => !this.finished.has(offset));
  }

  mark(): number | undefined {
    return this.unfinished().length > 0 ? Math.min(...this.unfinished()) : this.end;
  }
}

type Step =
  | { readonly kind: 'deliver'; readonly gap: number }
  | { readonly kind: 'redeliver'; readonly pick: number }
  | { readonly kind: 'pass'; readonly gap: number }
  | { readonly kind: 'done'; readonly pick: number }
  | { readonly kind: 'commit' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const), gap: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redeliver' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), gap: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('done' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
);

function apply(step: Step, tracker: PartitionTracker, model: Model): void {
  const known = [...model.delivered];
  if (step.kind === 'deliver') {
    const offset = (model.end ?? 100) + step.gap;
    expect(tracker.accept(offset)).toBe(true);
    model.delivered.add(offset);
    model.end = offset + 1;
  } else if (step.kind === 'redeliver') {
    const offset = known[step.pick % (known.length || 1)];
    if (offset !== undefined) expect(tracker.accept(offset)).toBe(false);
  } else if (step.kind === 'pass') {
    const next = (model.end ?? 100) + step.gap;
    tracker.passTo(next);
    model.end = next;
  } else if (step.kind === 'done') {
    const offset = known[step.pick % (known.length || 1)];
    if (offset === undefined) return;
    tracker.done(offset);
    model.finished.add(offset);
  } else if (tracker.uncommitted !== undefined) tracker.markCommitted(tracker.uncommitted);
}

describe('PartitionTracker', () => {
  it('agrees with the set model, never passes an unfinished offset and never goes back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const tracker = new PartitionTracker();
        const model = new Model();
        let last = Number.NEGATIVE_INFINITY;
        for (const each of steps) {
          apply(each, tracker, model);
          const mark = tracker.lowWater;
          expect(mark).toBe(model.mark());
          expect(tracker.pending).toBe(model.unfinished().length);
          if (mark === undefined) continue;
          expect(mark).toBeGreaterThanOrEqual(last);
          for (const offset of model.unfinished()) expect(mark).toBeLessThanOrEqual(offset);
          last = mark;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reaches the end of a log with gaps once everything is done, in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { minLength: 1 }), fc.infiniteStream(fc.nat()), (offsets, picks) => {
        const tracker = new PartitionTracker();
        const ascending = offsets.sort((a, b) => a - b);
        for (const offset of ascending) tracker.accept(offset);
        tracker.passTo(600);
        const open = [...ascending];
        while (open.length > 0) {
          const [offset] = open.splice((picks.next().value as number) % open.length, 1);
          tracker.done(offset as number);
        }
        expect(tracker.lowWater).toBe(600);
        expect(tracker.uncommitted).toMatchObject({ offset: 600, metadata: '' });
      }),
      { numRuns: 200 },
    );
  });

  it('has nothing to commit before something is done', () => {
    const tracker = new PartitionTracker();
    expect(tracker.uncommitted).toBeUndefined();
    tracker.accept(7);
    expect(tracker.lowWater).toBe(7);
    expect(tracker.uncommitted).toBeUndefined();
    tracker.done(7);
    expect(tracker.uncommitted).toMatchObject({ offset: 8 });
    if (tracker.uncommitted) tracker.markCommitted(tracker.uncommitted);
    expect(tracker.uncommitted).toBeUndefined();
  });
});
