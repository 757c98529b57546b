import { expect, test } from 'vitest';
import { decide } from '../../../src/alerts/decide/decide.ts';
import { gatherStates } from '../../../src/alerts/decide/gather-states.ts';
import { idOfSubject } from '../../../src/alerts/decide/keys.ts';
import { MemoryStates } from '../../../src/alerts/decide/memory-states.ts';
import { parseRules } from '../../../src/alerts/rule-file.ts';
import type { EntityEvent, GraphEvent } from '../../../src/domain/graph.ts';
import type { Silence } from '../../../src/graph/alert-rules.ts';
import type { AlertState, AlertSubject } from '../../../src/graph/alert-store.ts';
import { type EventSketch, entityEventOf, eventOf } from '../../helpers/alert-events.ts';

const START = eventOf().atMs;
const SECOND = 1000;
const FOREVER = Number.MAX_SAFE_INTEGER;

/** Decides on sketches in turn, each with a key, position and time of its own, and gives what was told and what was not. */
function run(
  more: string,
  sketches: readonly (EventSketch & { readonly after?: number })[],
  untilMs = START,
  silences: readonly Silence[] = [],
) {
  const { rules } = parseRules(`rules: [{name: r, when: fact.created, ${more}}]`, 'r.yaml');
  const events = sketches.map(({ after = 0, ...sketch }, index) =>
    eventOf({ key: `evt_${index}`, position: index + 1, atMs: START + after * SECOND, ...sketch }),
  );
  const states: AlertState[] = [];
  const decided = decide({ rules, silences, events, states, untilMs, maxAgeMs: FOREVER });
  const told = decided.alerts.map(({ type, atMs, subjects }) =>
    [type, (atMs - START) / SECOND, ...subjects.map(idOfSubject)].join(' '),
  );
  return { told, reasons: decided.suppressed.map(({ reason }) => reason), ...decided };
}

const created = (id: string, after = 0) => ({ after, fact: { id } });
const retracted = (id: string, after = 0): EventSketch & { after: number } => {
  return { after, kind: 'fact.retracted', fact: { id } };
};

test('a fact fires once until it is retracted, which resolves the alert', () => {
  const { told, alerts } = run('', [created('a'), created('a', 1), retracted('a', 2), created('a', 3)]);
  expect(told).toEqual(['alert.fired 0 a', 'alert.resolved 2 a', 'alert.fired 3 a']);
  expect(alerts[1]?.firedIds).toEqual([alerts[0]?.id]);
});

test('what is retracted while it settles is not told', () => {
  const { told, put } = run('settle: 60s', [created('a'), created('b', 1), retracted('a', 59)], START + 61 * SECOND);
  expect(told).toEqual(['alert.fired 61 b']);
  expect(put.map(({ factId }) => factId)).toEqual(['b']);
});

test('what fits no more while it settles is not told', () => {
  const weak = 'settle: 60s, filter: {filters: [{key: sourceCount, operator: lt, values: [2]}]}';
  const stronger: EventSketch & { after: number } = {
    after: 9,
    kind: 'fact.strengthened',
    fact: { id: 'a', sourceCount: 2 },
  };
  expect(run(weak, [created('a'), created('b'), stronger], START + 99 * SECOND).told).toEqual(['alert.fired 60 b']);
});

test('a group waits, is sent as one, and waits longer the next time', () => {
  const events = [created('a'), created('b', 10), created('c', 40), created('d', 500)];
  const { told } = run('group: {wait: 30s, interval: 5m}', events, START + 1000 * SECOND);
  expect(told).toEqual(['alert.fired 30 a b', 'alert.fired 330 c', 'alert.fired 630 d']);
});

test('history is told as such: it fires nothing', () => {
  expect(run('', [{ ...created('a'), quiet: true }])).toMatchObject({ told: [], reasons: ['backfill'] });
  const { rules } = parseRules('rules: [{name: r, when: fact.created}]', 'r.yaml');
  const event = eventOf();
  const maxAgeMs = event.atMs - event.fact.lastSeenMs - 1;
  const old = decide({ rules, silences: [], events: [event], states: [], untilMs: START, maxAgeMs });
  expect(old.suppressed.map(({ reason }) => reason)).toEqual(['too_old']);
});

test('a merge tells nothing again, and the retraction of what came of it resolves', () => {
  const moved: EventSketch = { kind: 'fact.moved', movedFrom: 'a', remains: false, fact: { id: 'b' } };
  const { told } = run('', [created('a'), moved, created('b'), retracted('b', 5)]);
  expect(told).toEqual(['alert.fired 0 a', 'alert.resolved 5 b']);
});

test('outside its hours a rule waits for them', () => {
  // 2026-05-15 is a Friday; 08:00 UTC is 10:00 in Zurich.
  const hours = (text: string) => `active: {days: [mon-fri], hours: "${text}", tz: Europe/Zurich}`;
  expect(run(hours('08:00-20:00'), [created('a')]).told).toEqual(['alert.fired 0 a']);
  const evening = run(hours('12:00-20:00'), [created('a')], START + 7201 * SECOND);
  expect(evening.told).toEqual(['alert.fired 7199 a']);
  const friday = run(hours('08:00-09:00'), [created('a')], START + 4 * 86_400 * SECOND);
  expect(friday.told).toEqual([`alert.fired ${3 * 86_400 - 2 * 3600 - 1} a`]);
});

/** The same of a rule about entities; each sketch is about one called so. */
function runEntities(
  rule: string,
  sketches: readonly (Partial<EntityEvent> & { readonly of: string })[],
  maxAgeMs = FOREVER,
) {
  const { rules } = parseRules(`rules: [{name: r, ${rule}}]`, 'r.yaml');
  const events = sketches.map(({ of, ...sketch }, index) => {
    const entity = { id: `ent_${of}`, name: of, type: 'PER' };
    return entityEventOf({ key: `evt_${index}`, position: index + 1, atMs: START + index * SECOND, entity, ...sketch });
  });
  const untilMs = START + 60 * SECOND;
  const decided = decide({ rules, silences: [], events, states: [], untilMs, maxAgeMs });
  const told = decided.alerts.map(({ type, atMs, subjects }) =>
    [type, (atMs - START) / SECOND, ...subjects.map(idOfSubject)].join(' '),
  );
  return { told, reasons: decided.suppressed.map(({ reason }) => reason), rows: decided.put };
}

test('an entity fires each time that it comes, and leaves nothing behind', () => {
  const { told, rows } = runEntities('when: entity.created', [{ of: 'a' }, { of: 'b' }, { of: 'a' }]);
  expect(told).toEqual(['alert.fired 0 ent_a', 'alert.fired 1 ent_b', 'alert.fired 2 ent_a']);
  expect(rows).toEqual([]);
});

test('an entity that is merged while it waits is not told; a merge that is undone neither', () => {
  const wait = 'group: {by: [type], wait: 30s}';
  const other = { id: 'ent_c', name: 'c', type: 'PER' };
  const created = runEntities(`when: entity.created, ${wait}`, [
    { of: 'a' },
    { of: 'b' },
    { of: 'a', kind: 'entity.merged', other },
  ]);
  expect(created.told).toEqual(['alert.fired 30 ent_b']);
  const merged = runEntities(`when: entity.merged, ${wait}`, [
    { of: 'a', kind: 'entity.merged', other },
    { of: 'a', kind: 'entity.split', other },
    { of: 'b', kind: 'entity.merged', other },
  ]);
  expect(merged.told).toEqual(['alert.fired 32 ent_b']);
});

test('each mention is told, also while another waits', () => {
  const rule =
    'when: entity.mentioned, filter: {filters: [{key: entity.type, operator: eq, values: [PER]}, {key: entity.id, operator: eq, values: [ent_a]}]}';
  const mention = { of: 'a', kind: 'entity.mentioned' as const };
  expect(runEntities(rule, [mention, mention]).told).toEqual(['alert.fired 0 evt_0', 'alert.fired 1 evt_1']);
  const grouped = runEntities(`${rule}, group: {by: [entity], wait: 30s}`, [mention, mention]);
  expect(grouped.told).toEqual(['alert.fired 30 evt_0 evt_1']);
  expect(grouped.rows.filter(({ factId }) => factId !== null)).toEqual([]);
});

test('history about entities is not told, but what people decide is', () => {
  const sketches = [
    { of: 'a', quiet: true as const },
    { of: 'b', seenMs: START - 5 * SECOND },
    { of: 'c', seenMs: START },
  ];
  expect(runEntities('when: entity.created', sketches, 3 * SECOND)).toMatchObject({
    told: ['alert.fired 2 ent_c'],
    reasons: ['backfill', 'too_old'],
  });
  const { seenMs: _, ...decided } = entityEventOf({ kind: 'entity.merged' });
  const { rules } = parseRules('rules: [{name: r, when: entity.merged}]', 'r.yaml');
  const told = decide({ rules, silences: [], events: [decided], states: [], untilMs: START, maxAgeMs: 0 });
  expect(told.alerts).toHaveLength(1);
});

test('novelty and throttles of entities go by the entity and its type', () => {
  const novel = 'when: entity.created, novelty: {of: entity, window: forever}';
  expect(runEntities(novel, [{ of: 'a' }, { of: 'a' }, { of: 'b' }]).told).toHaveLength(2);
  const throttled = 'when: entity.created, throttle: {per: [type], every: 1h}';
  expect(runEntities(throttled, [{ of: 'a' }, { of: 'b' }]).told).toEqual(['alert.fired 0 ent_a']);
});

test('a silence of an entity, or of what it is merged into, keeps back what is told of it', () => {
  const { rules } = parseRules('rules: [{name: r, when: entity.merged}]', 'r.yaml');
  const other = { id: 'ent_bo', name: 'Bo', type: 'PER' };
  const events = [entityEventOf({ kind: 'entity.merged', other })];
  const silenced = (id: string) => {
    const silences = [silence({ entityIds: [id] })];
    return decide({ rules, silences, events, states: [], untilMs: START, maxAgeMs: FOREVER }).alerts[0]?.silencedBy;
  };
  expect([silenced('ent_ada'), silenced('ent_bo'), silenced('ent_cy')]).toEqual(['sil_1', 'sil_1', undefined]);
});

const silence = (sketch: Partial<Silence>): Silence => {
  const times = { startsMs: START, endsMs: START + 10 * SECOND, createdMs: START };
  return { id: 'sil_1', rule: null, entityIds: [], reason: null, ...times, ...sketch };
};

test('a silence keeps what fires while it lasts in the log, unsent, and its end is not told', () => {
  const events = [created('a'), created('b', 9), created('c', 10), retracted('a', 11), retracted('c', 12)];
  const { alerts, reasons } = run('channels: []', events, START, [silence({})]);
  expect(alerts.map(({ type, silencedBy, subjects }) => [type, silencedBy, subjects.map(idOfSubject)[0]])).toEqual([
    ['alert.fired', 'sil_1', 'a'],
    ['alert.fired', 'sil_1', 'b'],
    ['alert.fired', undefined, 'c'],
    ['alert.resolved', undefined, 'c'],
  ]);
  expect(reasons).toEqual(['silence', 'silence']);
  expect(alerts.filter(({ silencedBy }) => silencedBy).flatMap(({ deliveries }) => deliveries)).toEqual([]);
});

test('a silence of another rule or of other entities changes nothing, and one of an entity takes it out of a group', () => {
  const quiet = [silence({ rule: 'other' }), silence({ entityIds: ['ent_else'] }), silence({ endsMs: START })];
  expect(run('', [created('a')], START, quiet).alerts[0]?.silencedBy).toBeUndefined();
  const events = [created('a'), { after: 1, fact: { id: 'b', headId: 'ent_bo' } }, created('c', 2)];
  const bo = silence({
    id: 'sil_bo',
    rule: 'r',
    entityIds: ['ent_bo'],
    startsMs: START + 10 * SECOND,
    endsMs: START + 99 * SECOND,
  });
  const { alerts } = run('group: {wait: 30s}', events, START + 40 * SECOND, [bo]);
  expect(alerts.map(({ silencedBy, subjects }) => [silencedBy, ...subjects.map(idOfSubject)])).toEqual([
    [undefined, 'a', 'c'],
    ['sil_bo', 'b'],
  ]);
});

test('what a silence keeps back does not count as sent, and its end is kept back, too, while the silence lasts', () => {
  const quiet = silence({ entityIds: ['ent_bo'] });
  const throttle = 'throttle: {per: [rule], every: 1h}';
  const bo: EventSketch & { after: number } = { after: 0, fact: { id: 'b', headId: 'ent_bo' } };
  const { alerts } = run(throttle, [bo, created('a', 1)], START, [quiet]);
  expect(alerts.map(({ silencedBy, subjects }) => [silencedBy, idOfSubject(subjects[0] as AlertSubject)])).toEqual([
    ['sil_1', 'b'],
    [undefined, 'a'],
  ]);
  const later = silence({ startsMs: START + SECOND });
  const ended = run('channels: []', [created('a'), retracted('a', 2)], START, [later]).alerts[1];
  expect(ended).toMatchObject({ type: 'alert.resolved', silencedBy: 'sil_1', deliveries: [] });
});

test('a fact that is moved while it settles joins the group that waits for what it was moved to', async () => {
  const { rules } = parseRules(
    'rules: [{name: r, when: fact.created, settle: 10s, group: {by: [head], wait: 1h}}]',
    'r.yaml',
  );
  const store = new MemoryStates();
  const play = async (events: GraphEvent[], untilMs: number) => {
    const states = await gatherStates(store, { events, due: store.due(untilMs), rules });
    const decided = decide({ rules, silences: [], events, states, untilMs, maxAgeMs: FOREVER });
    store.change(decided);
    return decided.alerts;
  };
  const fact = (id: string, headId: string, after: number): GraphEvent =>
    eventOf({ key: `evt_${id}`, position: after + 1, atMs: START + after * SECOND, fact: { id, headId } });
  await play([fact('a', 'ent_ada', 0)], START + 20 * SECOND);
  await play([fact('b', 'ent_bo', 21)], START + 22 * SECOND);
  const moved = { ...fact('c', 'ent_ada', 23), kind: 'fact.moved', movedFrom: 'b', remains: false } as GraphEvent;
  await play([moved], START + 60 * SECOND);
  const [alert] = await play([], START + 5000 * SECOND);
  expect(alert?.subjects.map(idOfSubject)).toEqual(['a', 'c']);
});
