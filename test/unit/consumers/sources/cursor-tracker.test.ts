import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CursorTracker } from '../../../../src/consumers/sources/cursor-tracker.ts';

test('the safe cursor is that of the last frame before which all are done, whatever order they became so in', () => {
  const frames = fc.array(fc.boolean(), { maxLength: 40 });
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.nat()), (withCursor, choices) => {
      const tracker = new CursorTracker('start');
      const entered = withCursor.map((has, i) => {
        const frame = tracker.enter();
        if (has) frame.cursor = String(i);
        return frame;
      });
      const open = [...entered.keys()];
      while (open.length > 0) {
        const [index] = open.splice((choices.next().value as number) % open.length, 1) as [number];
        tracker.finish(entered[index] as (typeof entered)[0]);
        const lowest = Math.min(entered.length, ...open);
        const passed = entered.slice(0, lowest).flatMap((frame) => frame.cursor ?? []);
        expect(tracker.safe).toBe(passed.at(-1) ?? 'start');
        expect(tracker.size).toBe(entered.length - lowest);
      }
    }),
    { numRuns: 500 },
  );
});

test('it keeps only what is open', () => {
  const tracker = new CursorTracker();
  for (let i = 0; i < 5000; i++) {
    const frame = tracker.enter();
    frame.cursor = String(i);
    tracker.finish(frame);
  }
  expect([tracker.size, tracker.safe]).toEqual([0, '4999']);
});
