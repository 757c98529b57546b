import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDone, encodeDone, type Run } from '../../../src/consumers/kafka/done-set.ts';
import { PartitionTracker } from '../../../src/consumers/kafka/tracker.ts';

const START = 100;
const lengths = fc.array(fc.record({ gap: fc.nat(300), run: fc.integer({ min: 1, max: 300 }) }), { maxLength: 80 });

function runsOf(committed: number, steps: readonly { gap: number; run: number }[]): Run[] {
  let at = committed;
  return steps.map(({ gap, run }) => {
    const from = at + gap;
    at = from + run;
    return { from, to: at };
  });
}

describe('the text beside an offset', () => {
  it('gives back the runs it was made of', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER - 1e9), lengths, (committed, steps) => {
        const runs = runsOf(committed, steps);
        expect(decodeDone(committed, encodeDone(committed, runs))).toEqual(runs);
      }),
    );
  });

  it('is never longer than the broker takes, and what it leaves out is at the end', () => {
    const runs = runsOf(
      0,
      Array.from({ length: 5_000 }, () => ({ gap: 200, run: 200 })),
    );
    const text = encodeDone(0, runs);
    expect(text.length).toBeLessThanOrEqual(4_000);
    const kept = decodeDone(0, text);
    expect(kept.length).toBeGreaterThan(700);
    expect(kept).toEqual(runs.slice(0, kept.length));
  });

  it('means nothing when it is not ours or damaged, and never throws', () => {
    for (const text of ['', null, undefined, 'd2.AAAA', '{"a":1}', 'd1.', 'd1.####', 'd1.AAAA']) {
      expect(decodeDone(5, text)).toEqual([]);
    }
    fc.assert(
      fc.property(fc.string(), fc.base64String(), (text, more) => {
        for (const run of [...decodeDone(9, text), ...decodeDone(9, `d1.${more}`)]) {
          expect(run.from).toBeGreaterThanOrEqual(9);
          expect(run.to).toBeGreaterThan(run.from);
        }
      }),
    );
  });
});

describe('a successor', () => {
  const plan = fc.record({
    present: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
    done: fc.array(fc.array(fc.nat(80), { maxLength: 30 }), { minLength: 1, maxLength: 4 }),
    fetched: fc.array(fc.nat(60), { minLength: 4, maxLength: 4 }),
  });

  it('does what is left, all of it and nothing twice, over several members', () => {
    fc.assert(
      fc.property(plan, ({ present, done, fetched }) => {
        const log = present.flatMap((there, i) => (there ? [START + i] : []));
        const finished = new Set<number>();
        let kept = { offset: START, metadata: '' };
        for (const [member, picks] of done.entries()) {
          const tracker = new PartitionTracker();
          tracker.restore(decodeDone(kept.offset, kept.metadata));
          const end = START + (fetched[member] ?? 60);
          for (const offset of log.filter((one) => one >= kept.offset && one < end)) {
            expect(tracker.accept(offset)).toBe(!finished.has(offset));
          }
          const open = log.filter((offset) => offset >= kept.offset && offset < end && !finished.has(offset));
          for (const pick of picks) {
            const offset = open[pick % (open.length || 1)];
            if (offset === undefined) continue;
            tracker.done(offset);
            finished.add(offset);
          }
          const offset = tracker.lowWater;
          if (offset === undefined) continue;
          for (const one of log) if (one < offset) expect(finished.has(one)).toBe(true);
          kept = { offset, metadata: encodeDone(offset, tracker.finishedRuns()) };
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is told of what is finished above a record that takes its time', () => {
    const tracker = new PartitionTracker();
    for (const offset of [10, 11, 12]) tracker.accept(offset);
    expect(tracker.uncommitted).toBeUndefined();
    tracker.done(11);
    const mark = tracker.uncommitted;
    expect(mark?.offset).toBe(10);
    expect([...tracker.finishedRuns()]).toEqual([{ from: 11, to: 12 }]);
    if (mark) tracker.markCommitted(mark);
    expect(tracker.uncommitted).toBeUndefined();
  });
});
