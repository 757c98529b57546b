import { expect, test } from 'vitest';
import type { Happening, TraceLine } from '../../faults/trace.ts';
import { countFelt, findBroken, recoveries } from '../../faults/trace-counters.ts';

const place = (offset: number) => ({ stage: 'extract', partition: 0, offset }) as const;
const delivered = (offset: number): Happening => ({ what: 'delivered', ...place(offset), inFlight: 1 });
const fetched = (...offsets: number[]): Happening => ({ what: 'fetched', stage: 'extract', partition: 0, offsets });
const durable = (offset: number): Happening => ({ what: 'durable', ...place(offset) });
const done = (offset: number): Happening => ({ what: 'done', ...place(offset) });
const commit = (id: number, mark: number): Happening[] => [
  { what: 'committing', stage: 'extract', id, marks: [[0, mark]] },
  { what: 'committed', stage: 'extract', id },
];
const trace = (...lines: (Happening & { who?: string })[]): TraceLine[] =>
  lines.map((line, at) => ({ who: 'w1', ...line, at }));
const visible = { extract: new Map([[0, [0, 1, 3]]]), upsert: new Map() };
const broken = (...lines: Happening[]) => findBroken(trace(...lines), visible);
const CLEAN = { doneTooEarly: 0, committedAbove: 0, committedBack: 0 };

test('a trace in order is clean, gaps of the log included', () => {
  expect(
    broken(durable(0), done(0), durable(1), done(1), ...commit(1, 3), durable(3), done(3), ...commit(2, 4)),
  ).toEqual(CLEAN);
});

test('a record that is done before its effect is seen', () => {
  expect(broken(done(0), durable(0))).toEqual({ ...CLEAN, doneTooEarly: 1 });
});

test('a commit above a record without effect is seen, even one that was refused', () => {
  expect(broken(durable(1), ...commit(1, 2))).toEqual({ ...CLEAN, committedAbove: 1 });
  expect(broken(durable(1), commit(1, 2)[0] as Happening)).toEqual({ ...CLEAN, committedAbove: 1 });
});

test('a commit below an earlier one is seen, unless it was refused', () => {
  const start = [durable(0), durable(1), ...commit(1, 2)];
  expect(broken(...start, ...commit(2, 1))).toEqual({ ...CLEAN, committedBack: 1 });
  expect(broken(...start, commit(2, 1)[0] as Happening)).toEqual(CLEAN);
});

test('what the broker keeps is held to the same', () => {
  const sampled = (mark: number): Happening => ({ what: 'sampled', stage: 'extract', marks: [[0, mark]] });
  expect(broken(durable(0), sampled(1), sampled(0))).toEqual({ ...CLEAN, committedBack: 1 });
  expect(broken(sampled(1))).toEqual({ ...CLEAN, committedAbove: 1 });
});

test('fetches beyond the first, work after SIGTERM and replays of unheard transactions are counted', () => {
  const stored = (post: string, outcome: 'created' | 'unchanged'): Happening => ({
    what: 'stored',
    posts: [[post, outcome]],
  });
  const lines = trace(
    fetched(0, 1),
    { what: 'draining' },
    durable(0),
    { ...fetched(1, 2), who: 'w2' },
    stored('a', 'created'),
    stored('a', 'unchanged'),
    stored('b', 'unchanged'),
  );
  expect(countFelt(lines, 16)).toMatchObject({ redelivered: 1, drained: 1, replayed: 1, workers: 1 });
});

test('recovery lasts until the last record that was interrupted has its effect', () => {
  const lines = trace(
    delivered(0),
    delivered(1),
    durable(0),
    { what: 'injured' },
    delivered(3),
    durable(3),
    durable(1),
  );
  expect(recoveries(lines)).toEqual([3]);
});
