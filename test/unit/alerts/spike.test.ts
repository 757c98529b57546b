import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentOf } from '../../../src/alerts/content.ts';
import { decide } from '../../../src/alerts/decide/decide.ts';
import { rehearse } from '../../../src/alerts/rehearse.ts';
import type { AlertRule } from '../../../src/alerts/rule.ts';
import { parseRules } from '../../../src/alerts/rule-file.ts';
import { addMention, type Counts, judge, type SpikeTest } from '../../../src/alerts/spike.ts';
import type { EntityEvent, GraphEvent } from '../../../src/domain/graph.ts';
import type { AlertState } from '../../../src/graph/alert-store.ts';
import { begunState, entityEventOf } from '../../helpers/alert-events.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-05-15T00:00:00Z');
const DAY_MS = 24 * HOUR_MS;
const ADA = 'filter: {filters: [{key: entity.name, operator: eq, values: [Ada Lind]}]}';

const ruleOf = (spike = '', more = '') =>
  parseRules(`rules: [{name: Loud, when: entity.spike, ${spike && `spike: {${spike}}, `}${more}${ADA}}]`, 'r.yaml')
    .rules;

/** Rules that count since the start. */
const begun = (rules: readonly AlertRule[]): readonly AlertState[] =>
  rules.flatMap(({ name, spike }) => (spike ? [begunState(name, spike, START)] : []));

/** Mentions of Ada Lind at hours after the start; told at once where nothing else is said. */
function mentions(hours: readonly number[], sketch: Partial<EntityEvent> = {}): EntityEvent[] {
  return hours.map((hour, index) => {
    const atMs = START + Math.round(hour * HOUR_MS);
    const own = { key: `evt_${index}`, position: index + 1, atMs, seenMs: atMs, watchedMs: START };
    return entityEventOf({ kind: 'entity.mentioned', ...own, ...sketch });
  });
}

/** So many mentions, evenly within an hour. */
function within(hour: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => hour + (index + 0.5) / count);
}

function firedAt(events: readonly GraphEvent[], states = begun(ruleOf())): readonly number[] {
  const { alerts } = decide({
    rules: ruleOf(),
    silences: [],
    events,
    states,
    untilMs: START + 60 * DAY_MS,
    maxAgeMs: DAY_MS,
  });
  return alerts.map(({ atMs }) => (atMs - START) / HOUR_MS);
}

const QUIET_DAY = Array.from({ length: 24 }, (_, hour) => within(hour, 2)).flat();

test('many mentions after a quiet day are a spike, told once, at the mention that makes it one', () => {
  const events = mentions([...QUIET_DAY, ...within(24, 60)]);
  const fired = firedAt(events);
  // Those of the hour before count in the first minutes: the bucket slides.
  expect(fired.length).toBe(1);
  expect(fired[0]).toBeGreaterThan(24.25);
  expect(fired[0]).toBeLessThan(24.4);
});

test('what is always much is no spike', () => {
  expect(firedAt(mentions(Array.from({ length: 48 }, (_, hour) => within(hour, 30)).flat()))).toEqual([]);
});

test('what chance alone makes of many is no spike', () => {
  const steady = Array.from({ length: 24 }, (_, hour) => within(hour, 16)).flat();
  expect(firedAt(mentions([...steady, ...within(24, 24)]))).toEqual([]);
  expect(firedAt(mentions([...steady, ...within(24, 40)]))).toHaveLength(1);
});

test('few mentions are none, however unusual', () => {
  expect(firedAt(mentions([...QUIET_DAY, ...within(24, 19)]))).toEqual([]);
  expect(firedAt(mentions(within(24, 20)))).toHaveLength(1);
});

test('nothing is unusual before a whole baseline was counted since the entity is watched', () => {
  const burst = within(24, 60);
  expect(firedAt(mentions(burst, { watchedMs: START + 13 * HOUR_MS }))).toEqual([]);
  expect(firedAt(mentions(burst, { watchedMs: START + 11 * HOUR_MS }))).toHaveLength(1);
});

test('a rule that is new knows of no mention before, though others had them told for long', () => {
  const events = mentions([...QUIET_DAY, ...within(24, 60)]);
  expect(firedAt(events.slice(QUIET_DAY.length), [])).toEqual([]);
  expect(firedAt(events.slice(30), [])).toEqual([]);
  expect(firedAt(events.slice(10), [])).toHaveLength(1);
  // One that compares with more now than it has kept.
  const [before] = begun(ruleOf('baseline: 2h'));
  expect(firedAt(events.slice(QUIET_DAY.length), before ? [before] : [])).toEqual([]);
});

test('mentions that come late, all at once, count when their posts were published', () => {
  const late = mentions([...QUIET_DAY, ...within(24, 10)], { atMs: START + 25 * HOUR_MS });
  expect(firedAt(late)).toEqual([]);
});

test('history, and what is too old, is not counted', () => {
  const burst = within(24, 60);
  expect(firedAt(mentions(burst, { quiet: true }))).toEqual([]);
  expect(firedAt(mentions(burst, { atMs: START + 50 * HOUR_MS }))).toEqual([]);
  const live = mentions([...burst, 25]);
  expect(firedAt(live.map((event, place) => (place < 60 ? { ...event, quiet: true } : event)))).toEqual([]);
});

test('a spike that goes on is one; after an hour below, the next is another', () => {
  const wave = (hour: number) => [...within(hour, 60), ...within(hour + 1, 60)];
  const hours = [...QUIET_DAY, ...wave(24), ...within(26, 2), ...within(27, 2), ...within(28, 2), ...within(40, 80)];
  const fired = firedAt(mentions(hours));
  expect(fired.map(Math.floor)).toEqual([24, 40]);
});

test('after a merge or a split the counts begin anew', () => {
  const events = mentions([...QUIET_DAY, ...within(24, 60)]);
  const other = { id: 'ent_other', name: 'A. Lind', type: 'PER' };
  const merged = entityEventOf({
    kind: 'entity.merged',
    key: 'merge',
    entity: other,
    other: { id: 'ent_ada', name: 'Ada Lind', type: 'PER' },
    atMs: START + 24 * HOUR_MS,
  });
  const place = events.findIndex(({ atMs }) => atMs > merged.atMs);
  expect(firedAt(events.toSpliced(place, 0, merged))).toEqual([]);
  expect(firedAt(events.toSpliced(place, 0, { ...merged, kind: 'entity.split' }))).toEqual([]);
  expect(firedAt(events.toSpliced(place, 0, { ...merged, other }))).toHaveLength(1);
});

test('a rule that counts otherwise now does not go by what it counted before', () => {
  const untilMs = START + 30 * HOUR_MS;
  const rest = { silences: [], untilMs: START, maxAgeMs: DAY_MS };
  const { put } = decide({ ...rest, rules: ruleOf(), events: mentions(QUIET_DAY), states: begun(ruleOf()) });
  const [first] = decide({
    ...rest,
    untilMs,
    rules: ruleOf('bucket: 6h, baseline: 12h, minCount: 1, threshold: 1'),
    events: mentions([24]),
    states: put,
  }).counted;
  expect(first?.finding).toMatchObject({ mentions: 1, usual: 0 });
});

test('what is due long after the last mention is forgotten', () => {
  const rest = { rules: ruleOf(), silences: [], maxAgeMs: DAY_MS };
  const { put } = decide({ ...rest, events: mentions([1]), states: begun(ruleOf()), untilMs: START + HOUR_MS });
  expect(put.map(({ dueMs }) => dueMs)).toEqual([START + 14 * HOUR_MS]);
  const later = decide({ ...rest, events: [], states: put, untilMs: START + 14 * HOUR_MS });
  expect(later.removed).toEqual(put.map(({ key }) => key));
});

test('the alert tells how many and how many are usual, without a look at the graph', async () => {
  const events = mentions([...QUIET_DAY, ...within(24, 60)]);
  const { alerts } = decide({
    rules: ruleOf(),
    silences: [],
    events,
    states: begun(ruleOf()),
    untilMs: START + 30 * HOUR_MS,
    maxAgeMs: DAY_MS,
  });
  const [alert] = alerts;
  if (!alert) throw new Error('nothing fired');
  const reader = {
    eventsAfter: async (position: number) => events.slice(position, position + 1),
    evidence: async () => ({ items: [], hasMore: false }),
    postsById: async () => [undefined],
  };
  const content = await contentOf(alert, reader as unknown as Parameters<typeof contentOf>[1]);
  const { mentions: count, usual } =
    alert.subjects[0] && 'spike' in alert.subjects[0]
      ? (alert.subjects[0].spike as { mentions: number; usual: number })
      : { mentions: 0, usual: 0 };
  expect(count).toBeGreaterThanOrEqual(20);
  expect(usual).toBe(2);
  expect(content).toMatchObject({
    text: `Ada Lind (PER) is mentioned ${count} times, usual are 2`,
    entities: [{ id: 'ent_ada', event: 'entity.spike', mentions: count, usual: 2 }],
  });
  expect(JSON.stringify(alert)).not.toContain('Ada');
});

test('a rehearsal counts what was usual before its time, and tells what came nearest', async () => {
  const hours = [...QUIET_DAY, ...within(24, 60), ...within(40, 8)];
  const all = mentions(hours);
  const bo = { entity: { id: 'ent_bo', name: 'Bo', type: 'PER' } };
  const others = mentions(within(24, 9), bo).map((event, index) => ({
    ...event,
    position: 1000 + index,
    key: `bo_${index}`,
  }));
  const events: EntityEvent[] = [...all, ...others]
    .sort((a, b) => a.atMs - b.atMs)
    .map((event, index) => ({ ...event, position: index + 1 }));
  const reader = {
    eventsAfter: async (position: number, limit: number) => events.slice(position, position + limit),
    lastPosition: async () => events.length,
  };
  const [rule] = parseRules(
    `rules: [{name: Loud, when: entity.spike, filter: {filters: [{key: entity.name, operator: eq, values: [Ada Lind, Bo]}]}}]`,
    'r.yaml',
  ).rules;
  if (!rule) throw new Error('no rule');
  const times = { sinceMs: START + 23 * HOUR_MS, untilMs: START + 48 * HOUR_MS, maxAgeMs: DAY_MS };
  const { alerts, judged } = await rehearse({ rule, reader, ...times });
  expect(alerts.map(({ atMs }) => Math.floor((atMs - START) / HOUR_MS))).toEqual([24]);
  expect(alerts[0]?.events).toMatchObject([{ entity: { id: 'ent_ada' }, spike: { usual: 2 } }]);
  expect(
    judged.map(({ event, verdict }) => ['entity' in event && event.entity.name, verdict.fires, verdict.why]),
  ).toEqual([
    ['Ada Lind', true, []],
    ['Bo', false, ['mentions are 9, not gte 20']],
  ]);
});

test('counts are those of all mentions in the time that matters, in whatever order they come', () => {
  const spike: SpikeTest = { bucketMs: 6000, buckets: 3, method: 'ratio', threshold: 2, minCount: 1 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1 }), (times) => {
      let counts: Counts | undefined;
      for (const atMs of times) counts = addMention(counts, spike, atMs) ?? counts;
      const steps = times.map((atMs) => Math.floor(atMs / 1000));
      const newest = Math.max(...steps);
      const inNewest = steps.filter((step) => step > newest - 6).length;
      const before = steps.filter((step) => step <= newest - 6 && step > newest - 24).length;
      const { mentions: count, usual } = judge(counts as Counts, spike, 0);
      // What came when it mattered no more is not counted, and could not count later.
      expect(count).toBe(inNewest);
      expect(usual).toBe(Math.round((before / 3) * 10) / 10);
    }),
  );
});
