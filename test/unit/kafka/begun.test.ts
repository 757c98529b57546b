import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aloneWith, type Begun, judge, splitBegun, withBegun } from '../../../src/consumers/kafka/begun.ts';

const offsets = fc.integer({ min: 0, max: 1_000_000_000 });
const begunOf: fc.Arbitrary<Begun> = fc.oneof(
  fc.constant({}),
  fc.record({ alone: fc.record({ offset: offsets, times: fc.nat(1000) }) }),
);

describe('how a member stands', () => {
  it('comes back from the text, and leaves what stands before it as it was', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'd1.AAAA', 'what others wrote'),
        fc.option(begunOf, { nil: undefined }),
        (text, begun) => {
          expect(splitBegun(withBegun(text, begun))).toEqual({ text, begun });
        },
      ),
    );
  });

  it('is nothing in a text that is not ours', () => {
    for (const text of ['', 'd1.AAAA', 'b1', 'b1.5;', 'b1.5.x;', 'b2;d1.AAAA', '{"a":"b1;"}']) {
      expect(splitBegun(text)).toEqual({ text, begun: undefined });
    }
  });
});

/** A life of a member: how far it got, and how it ended. */
const life = fc.record({
  progress: fc.nat(3),
  end: fc.constantFrom('died', 'died alone', 'left'),
  alone: fc.nat(5),
});

describe('judging', () => {
  it('condemns only a record that was alone at two deaths in a row, after a first death', () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 30 }), (lives) => {
        let offset = 100;
        let kept: Begun | undefined;
        let deaths = 0;
        let alone: number[] = [];
        for (const { progress, end, alone: picked } of lives) {
          const { begun, careful, condemned } = judge(offset, kept);
          expect(careful).toBe(deaths > 0);
          if (condemned !== undefined) {
            expect(alone.slice(-2)).toEqual([condemned, condemned]);
            expect(deaths).toBeGreaterThanOrEqual(3);
            return;
          }
          offset += progress;
          if (end === 'left') {
            [kept, deaths, alone] = [undefined, 0, []];
            continue;
          }
          deaths++;
          const suspect = offset + picked;
          if (end === 'died alone' && careful) {
            alone.push(suspect);
            kept = aloneWith(begun, suspect);
          } else kept = begun;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('condemns the record that kills every member, at the third death, wherever the others get on', () => {
    let kept: Begun | undefined;
    let deaths = 0;
    for (const offset of [0, 40, 52, 52]) {
      const { begun, careful, condemned } = judge(offset, kept);
      if (condemned !== undefined) break;
      kept = careful ? aloneWith(begun, 52) : begun;
      deaths++;
    }
    expect([judge(52, kept).condemned, deaths]).toEqual([52, 3]);
  });

  it('never condemns where each member dies at another record', () => {
    let kept: Begun | undefined;
    for (let offset = 0; offset < 50; offset++) {
      const { begun, condemned } = judge(offset, kept);
      expect(condemned).toBeUndefined();
      kept = aloneWith(begun, offset);
    }
  });
});
