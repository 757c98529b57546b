import { expect, test } from 'vitest';
import { faultOf } from '../../faults/faults/catalogue.ts';
import { judge, type Ledger, unproved } from '../../faults/ledger.ts';
import { putInto, tableOf } from '../../faults/table.ts';

const clean: Ledger = {
  seed: 1,
  faults: 'zombie',
  graph: 'sqlite',
  acked: 60,
  inGraph: 40,
  tombstoned: 3,
  deadLettered: 4,
  events: 50,
  lostByBroker: 0,
  maxInFlight: 16,
  windowRecords: 16,
  equalsEmbedded: true,
  recoveryMs: [1000, 3000],
  missing: 0,
  unexpected: 0,
  doubleEffects: 0,
  wrongSupport: 0,
  doubleEvents: 0,
  eventGaps: 0,
  unpublished: 0,
  wrongStory: 0,
  doneTooEarly: 0,
  committedAbove: 0,
  committedBack: 0,
  redelivered: 5,
  fenced: 1,
  staleDropped: 2,
  retried: 0,
  replayed: 0,
  killed: 0,
  workers: 2,
  drained: 0,
  windowFull: 3,
  leadersMoved: 0,
  answersLost: 0,
  problems: [],
};

test('a clean run has nothing against it', () => {
  expect(judge(clean)).toEqual([]);
});

test.each([
  [{ missing: 1 }, 'missing: 1'],
  [{ doubleEffects: 2 }, 'doubleEffects: 2'],
  [{ committedAbove: 1 }, 'committedAbove: 1'],
  [{ lostByBroker: 1 }, 'lostByBroker: 1'],
  [{ equalsEmbedded: false }, 'the graph is not that of an embedded run'],
  [{ maxInFlight: 17 }, '17 records in flight in a window of 16'],
  [{ acked: 0 }, 'nothing was sent'],
])('a run with %j fails', (change, problem) => {
  expect(judge({ ...clean, ...change })).toEqual([problem]);
});

test('a run that did not hit what it aimed at fails', () => {
  expect(unproved(faultOf('zombie'), clean)).toEqual([]);
  expect(unproved(faultOf('zombie'), { ...clean, fenced: 0 })).toEqual(['zombie was not felt: fenced: 0']);
  expect(unproved(faultOf('scale-1-4-2'), { ...clean, workers: 3 })).toHaveLength(1);
});

test('runs make a row for each fault, and a page keeps the last table', () => {
  const notes = { command: 'npm run prove', machine: 'a machine', at: new Date('2026-05-01') };
  const table = tableOf([clean, { ...clean, seed: 2, missing: 1 }], notes);
  expect(table).toContain('| zombie | 2 | 120 | 1 | 0 | 10 | 2 | 4 | 0 | 3.0 / 3.0 |');
  const page = 'text\n<!-- last run -->\nold\n<!-- end of last run -->\nmore';
  expect(putInto(page, table)).toBe(`text\n<!-- last run -->\n${table}<!-- end of last run -->\nmore`);
  expect(() => putInto('a page without', table)).toThrow('last run');
});
