import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AlertService } from '../../src/alerts/alert-service.ts';
import type { AlertMessage, AlertSink } from '../../src/alerts/alert-sink.ts';
import { parseRules } from '../../src/alerts/rule-file.ts';
import type { Ruling } from '../../src/domain/decision.ts';
import type { Silence } from '../../src/graph/alert-rules.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { type ModelRule, type ModelSilence, modelAlerts } from '../helpers/alert-model.ts';
import { relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const MODEL: readonly ModelRule[] = [
  { name: 'Plain', when: 'created' },
  { name: 'Leaving', when: 'created', group: { wait: 30, interval: 300 } },
  { name: 'Coming', when: 'entity.mentioned', novelPair: 120 },
  { name: 'Settled gate', when: 'created', minSources: 2, settle: 60 },
  { name: 'Novel', when: 'created', novelPair: 600, throttlePerHead: 300 },
  { name: 'Grouped', when: 'created', group: { wait: 30, interval: 300 } },
  { name: 'Gone', when: 'retracted', settle: 30 },
  { name: 'Few', when: 'created', settle: 20, maxPerHour: 4 },
  { name: 'Arrived', when: 'entity.created', novelPair: 900, throttlePerHead: 60 },
  { name: 'Crowd', when: 'entity.created', group: { wait: 120, interval: 300 } },
  { name: 'Merged', when: 'entity.merged' },
  { name: 'Heard', when: 'entity.mentioned', group: { wait: 60, interval: 120 }, maxPerHour: 9 },
  { name: 'Loud', when: 'entity.spike', spike: { bucket: 240, buckets: 2, times: 1.2, least: 2 } },
  { name: 'Together', when: 'pair.spike', spike: { bucket: 120, buckets: 2, times: 1, least: 1 }, novelPair: 600 },
];
const { rules } = parseRules(
  `channels: {ops: {kind: webhook, url: "http://127.0.0.1/", secretFile: none}}
rules:
  - {name: Plain, when: fact.created, channels: [ops]}
  - {name: Leaving, when: fact.created, channels: [ops], group: {by: [head], wait: 30s, interval: 5m}}
  - name: Coming
    when: entity.mentioned
    channels: [ops]
    novelty: {of: entity, window: 2m}
    filter: {filters: [{key: entity.name, operator: eq, values: [PERSON 1, Guest 2]}]}
  - name: Settled gate
    when: fact.threshold
    channels: [ops]
    settle: 60s
    filter: {filters: [{key: sourceCount, operator: gte, values: [2]}]}
  - {name: Novel, when: fact.created, channels: [ops], novelty: {of: pair, window: 10m}, throttle: {per: [head], every: 5m}}
  - {name: Grouped, when: fact.created, channels: [ops], group: {by: [head], wait: 30s, interval: 5m}}
  - {name: Gone, when: fact.retracted, channels: [ops], settle: 30s}
  - {name: Few, when: fact.created, channels: [ops], settle: 20s, throttle: {maxPerHour: 4}}
  - {name: Arrived, when: entity.created, channels: [ops], novelty: {of: entity, window: 15m}, throttle: {per: [entity], every: 1m}}
  - {name: Crowd, when: entity.created, channels: [ops], group: {by: [type], wait: 2m, interval: 5m}}
  - {name: Merged, when: entity.merged, channels: [ops]}
  - name: Heard
    when: entity.mentioned
    channels: [ops]
    group: {by: [type], wait: 1m, interval: 2m}
    throttle: {maxPerHour: 9}
    filter: {filters: [{key: entity.name, operator: eq, values: [PERSON 1, Guest 2]}]}
  - name: Loud
    when: entity.spike
    channels: [ops]
    spike: {bucket: 4m, baseline: 8m, method: ratio, threshold: 1.2, minCount: 2}
    filter: {filters: [{key: entity.name, operator: eq, values: [PERSON 1, Guest 2]}]}
  - name: Together
    when: pair.spike
    channels: [ops]
    novelty: {of: pair, window: 10m}
    spike: {bucket: 2m, baseline: 4m, method: ratio, threshold: 1, minCount: 1}
    filter: {filters: [{key: either.name, operator: eq, values: [Person 1]}]}`,
  'rules.yaml',
);
const DAY_MS = 86_400_000;
// Of today: events of long ago are dropped by whatever process with a real clock is on the same server.
const START = Math.floor(Date.now() / DAY_MS) * DAY_MS + 8 * 3_600_000;
const LEASE_MS = 1000;

/** Half of the way one rule goes and another one comes. */
const isKept = ({ name }: { readonly name: string }) => name !== 'Leaving';
const isFirst = ({ name }: { readonly name: string }) => name !== 'Coming';

const MINUTE_MS = 60_000;
const SILENCES: readonly Silence[] = [
  { id: 'one rule', rule: 'Plain', entityIds: [], startsMs: START + 5 * MINUTE_MS, endsMs: START + 15 * MINUTE_MS },
  {
    id: 'one entity',
    rule: null,
    entityIds: [entityKeyOf('PER', 'Person 2').id, entityKeyOf('PER', 'Guest 1').id],
    startsMs: START + 10 * MINUTE_MS,
    endsMs: START + 20 * MINUTE_MS,
  },
].map((one) => ({ ...one, reason: null, createdMs: START }));
const modelSilence = ({ rule, entityIds: entities, startsMs: startMs, endsMs: endMs }: Silence): ModelSilence => {
  return { ...(rule !== null && { rule }), entities, startMs, endMs };
};

const guest = (number: number) => entityKeyOf('PER', `Guest ${number}`);

/** Random whole numbers below a bound, the same for the same seed. */
function randomOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** An object whose calls count down together: at zero one fails, before its effect or after it, like all that come later. */
function dying<T extends object>(target: T, life: { calls: number; readonly isLate: boolean }): T {
  return new Proxy(target, {
    get(object, name) {
      const method = Reflect.get(object, name) as unknown;
      if (typeof method !== 'function') return method;
      return async (...args: readonly unknown[]) => {
        life.calls--;
        if (life.calls < 0 || (life.calls === 0 && !life.isLate)) throw new Error('killed');
        const result = await (method.apply(object, args) as Promise<unknown>);
        if (life.calls === 0) throw new Error('killed');
        return result;
      };
    },
  });
}

describe.each(graphAdapters())('alerts against a model on $name', (adapter) => {
  const clock = { nowMs: START };
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  // A database over the network takes a second for what a file does in a hundredth.
  const [steps, seeds] = adapter.name === 'sqlite' ? [150, [1, 2, 3]] : [45, [3]];
  test.each(seeds)(
    'killed at any point it sends exactly what the rules say (seed %i)',
    async (seed) => {
      await database.clear();
      clock.nowMs = START;
      const random = randomOf(seed);
      const messages = new Map<string, AlertMessage>();
      const refused = new Map<string, number>();
      const sink: AlertSink = {
        async deliver(message) {
          const before = refused.get(message.id) ?? 0;
          refused.set(message.id, before + 1);
          if (before < 2 && random(4) === 0) return { delivered: false, outcome: 'http_503', milliseconds: 1 };
          messages.set(message.id, message);
          return { delivered: true, outcome: 'ok', milliseconds: 1 };
        },
        async [Symbol.asyncDispose]() {},
      };
      let lives = 0;
      let [isChanged, changedMs, changedAt] = [false, 0, 0];
      const pass = async (calls: number) => {
        const life = { calls, isLate: random(2) === 0 };
        const service = new AlertService({
          store: dying(graph.alerts, life),
          reader: dying(graph.reader, life),
          book: {
            at: async () => ({
              rules: isChanged ? rules.filter(isKept) : rules.filter(isFirst),
              silences: SILENCES,
              disabled: new Set<string>(),
            }),
            disableChannel: async () => false,
          },
          sinks: new Map([['ops', dying(sink, life)]]),
          maxAgeMs: DAY_MS,
          retentionMs: 30 * DAY_MS,
          holder: `life ${lives++}`,
          leaseMs: LEASE_MS,
          pollMs: 50,
          events: createTelemetry(createLogger('silent')).events,
          clock: () => clock.nowMs,
        });
        await service.pass().catch((error: Error) => expect(error.message).toBe('killed'));
      };
      await pass(1e9);
      const live: string[] = [];
      for (let step = 0; step < steps; step++) {
        if (step === Math.floor(steps / 2)) {
          await pass(1e9);
          [isChanged, changedMs, changedAt] = [true, clock.nowMs, await graph.reader.lastPosition()];
        }
        clock.nowMs += 1000 * (1 + random(90));
        // Guests have no facts, so that decisions about them move none.
        if (random(3) === 0) {
          const [from, into] = [guest(random(4)), guest(random(4))];
          const ruling = random(2) === 0 ? { kind: 'merge', from, into } : { kind: 'split', entity: from };
          await graph.store.decide(ruling as Ruling).catch((error: Error) => expect(error.message).toContain('ing an'));
        }
        if (random(3) === 0 && live.length > 0) {
          const [id] = live.splice(random(live.length), 1);
          await graph.store.replacePosts([deletionOf(id as string)]);
        } else {
          live.push(`${step}`);
          const at = new Date(clock.nowMs - (random(6) === 0 ? 2 * DAY_MS : 0)).toISOString();
          const post = { id: `${step}`, author: `${random(5)}`, at };
          const names = { person: `Person ${random(3)}`, organisation: `Org ${random(3)}` };
          const visit = extractionOf({ ...post, mentions: [[guest(random(4)).normName, 'PER']], relations: [] });
          await graph.store.replacePosts([random(3) === 0 ? visit : memberPost({ ...post, ...names })]);
        }
        await relayAll(graph.store);
        if (random(3) === 0) await pass(1 + random(25));
      }
      clock.nowMs += 3_600_000;
      await pass(1e9);
      // What a dead process held is free again, and what was refused is tried again, first after seconds, then after minutes.
      for (const waitMs of [LEASE_MS, 600_000, 600_000]) {
        clock.nowMs += waitMs;
        await pass(1e9);
      }
      const events = await graph.reader.eventsAfter(0, 10_000);
      const history = { events, silences: SILENCES.map(modelSilence), endMs: clock.nowMs, maxAgeMs: DAY_MS };
      const expected = MODEL.flatMap((rule) => {
        if (!isKept(rule)) return modelAlerts(rule, { ...history, endMs: changedMs });
        return modelAlerts(rule, isFirst(rule) ? history : { ...history, after: changedAt });
      });
      const told = [...messages.values()].map(({ type, atMs, data }) => {
        const subjects = [data['facts'], data['entities'] ?? []].flat() as readonly { readonly id: string }[];
        const ids = subjects.map(({ id }) => id);
        return [data['rule'], type.slice('alert.'.length), atMs / 1000, ...ids.sort()].join(' ');
      });
      expect(told.sort()).toEqual(expected.sort());
      expect(expected.length).toBeGreaterThan(steps / 3);
      for (const rule of MODEL)
        expect(told.filter((line) => line.startsWith(rule.name)).length, rule.name).toBeGreaterThan(0);
    },
    60_000,
  );
});
