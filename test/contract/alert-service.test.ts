import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AlertService } from '../../src/alerts/alert-service.ts';
import type { AlertSink } from '../../src/alerts/alert-sink.ts';
import { idOfSubject } from '../../src/alerts/decide/keys.ts';
import { HttpAlertSink } from '../../src/alerts/http/http-alert-sink.ts';
import { standardWebhook } from '../../src/alerts/http/write-json.ts';
import { RuleBook } from '../../src/alerts/rule-book.ts';
import { parseRules } from '../../src/alerts/rule-file.ts';
import type { EntityKey } from '../../src/domain/decision.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { urlRules } from '../../src/network/web-policy.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { extractionOf, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';
import { type WebhookReceiver, webhookReceiver } from '../helpers/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const LEASE_MS = 40_000;
const file = parseRules(
  `channels: {ops: {kind: webhook, url: "http://127.0.0.1/", secretFile: none}}
rules:
  - name: Confirmed
    when: fact.created
    channels: [ops]
    filter: {filters: [{key: sourceCount, operator: gte, values: [2]}]}
  - name: Newcomers
    when: entity.created
    channels: [ops]
    template: "{{entity.name}} of {{entity.type}}"
    filter: {filters: [{key: entity.name, operator: starts_with, values: [Guest]}]}
  - name: Merged
    when: entity.merged
    channels: [ops]
    filter: {filters: [{key: into.name, operator: eq, values: [Guest Bo]}]}`,
  'rules.yaml',
);

describe.each(graphAdapters())('alerts on $name', (adapter) => {
  const clock = { nowMs: 1_000_000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  let rival: OpenGraph;
  let receiver: WebhookReceiver;
  let status: number;
  const lost: unknown[] = [];
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
    rival = await database.open();
    receiver = await webhookReceiver((response) => void response.writeHead(status).end());
  });
  beforeEach(async () => {
    clock.nowMs = Date.now();
    status = 204;
    lost.length = 0;
    (receiver.received as unknown[]).length = 0;
    await database.clear();
  });
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const webhook = () => {
    const policy = urlRules({ httpsOnly: false, ports: [], hosts: [], privateNetworks: ['127.0.0.0/8'] });
    return new HttpAlertSink({
      url: receiver.url,
      write: standardWebhook([SECRET]),
      rules: { ...policy, allowPort: () => true },
      timeoutMs: 5_000,
    });
  };
  const serviceOf = ({ alerts, reader }: OpenGraph, holder: string, sink: AlertSink = webhook(), channels = ['ops']) =>
    new AlertService({
      store: alerts,
      reader,
      book: new RuleBook({ file, store: alerts, clock: () => clock.nowMs }),
      sinks: new Map(channels.map((channel) => [channel, sink])),
      maxAgeMs: 86_400_000,
      retentionMs: 30 * 86_400_000,
      holder,
      leaseMs: LEASE_MS,
      pollMs: 50,
      events: { ...createTelemetry(createLogger('silent')).events, alertLost: (fact) => void lost.push(fact) },
      clock: () => clock.nowMs,
    });
  /** Facts of a number of organisations, each said by two authors. */
  const confirm = async (count: number, first = 0) => {
    const posts = [...Array(count).keys()].flatMap((index) =>
      ['a', 'b'].map((author) =>
        memberPost({
          id: `${first + index}${author}`,
          at: new Date(clock.nowMs).toISOString(),
          author,
          organisation: `Org ${first + index}`,
        }),
      ),
    );
    await graph.store.replacePosts(posts);
    await relayAll(graph.store);
  };
  const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);

  test('one signed webhook for each fact that crosses the gate, and none for what was there before', async () => {
    await confirm(2);
    const service = serviceOf(graph, 'a');
    await service.pass();
    expect(receiver.received).toEqual([]);
    await confirm(2, 2);
    await service.pass();
    await service.pass();
    const contents = receiver.received.map(({ headers, body }) =>
      new Webhook(SECRET).verify(body, headers as Record<string, string>),
    );
    expect(contents).toHaveLength(2);
    expect(contents[0]).toMatchObject({
      type: 'alert.fired',
      data: {
        rule: 'Confirmed',
        facts: [{ event: 'fact.strengthened', sourceCount: 2, head: { name: 'Ada Lind' }, evidence: [{}, {}] }],
      },
    });
    expect(new Set(ids()).size).toBe(2);
  });

  test('one webhook for each new entity, with the post that brought it, and for each merge, with both', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    const visit = (id: string, name: string) =>
      extractionOf({ id, at: new Date(clock.nowMs).toISOString(), mentions: [[name, 'PER']], relations: [] });
    await graph.store.replacePosts([visit('1', 'Guest Ada'), visit('2', 'Guest Bo'), visit('3', 'Guest Ada')]);
    const [from, into] = ['Guest Ada', 'Guest Bo'].map((name) => entityKeyOf('PER', name)) as [EntityKey, EntityKey];
    await graph.store.decide({ kind: 'merge', from, into });
    await relayAll(graph.store);
    await service.pass();
    const told = receiver.received.map(({ body }) => (JSON.parse(body) as { data: Record<string, unknown> }).data);
    const [ada, bo] = [
      { id: from.id, name: 'Guest Ada', type: 'PER' },
      { id: into.id, name: 'Guest Bo', type: 'PER' },
    ];
    const evidence = [{ author: '@a', text: expect.stringContaining('post 1 says'), postId: expect.any(String) }];
    expect(told.sort((a, b) => (String(a['text']) < String(b['text']) ? -1 : 1))).toMatchObject([
      { rule: 'Merged', text: 'Guest Ada is Guest Bo (PER) now', facts: [], entities: [{ ...ada, into: bo }] },
      {
        rule: 'Newcomers',
        text: 'Guest Ada of PER',
        facts: [],
        entities: [{ ...ada, event: 'entity.created', evidence }],
      },
      { rule: 'Newcomers', text: 'Guest Bo of PER', entities: [bo] },
    ]);
  });

  test('two processes at once send each alert once', async () => {
    const [one, other] = [serviceOf(graph, 'a'), serviceOf(rival, 'b')];
    await one.pass();
    await confirm(20);
    await Promise.all([one.pass(), other.pass()]);
    expect(receiver.received).toHaveLength(20);
    expect(new Set(ids()).size).toBe(20);
  });

  test('what fails is tried again with the same id, when its pause is over', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    await confirm(1);
    status = 500;
    await service.pass();
    await service.pass();
    expect(receiver.received).toHaveLength(1);
    clock.nowMs += 6_000;
    status = 204;
    await service.pass();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(ids()).size).toBe(1);
    clock.nowMs += 86_400_000;
    await service.pass();
    expect(receiver.received).toHaveLength(2);
  });

  test('a receiver that asks to wait uses up no attempt, as long as the schedule would last', async () => {
    const attempt = { delivered: false, outcome: 'http_429', milliseconds: 1 };
    const answers = [attempt, { ...attempt, outcome: 'http_503', retryAfterMs: 3_600_000 }];
    let asked = 0;
    const sink: AlertSink = {
      deliver: async () => answers[asked++] ?? attempt,
      async [Symbol.asyncDispose]() {},
    };
    const service = serviceOf(graph, 'a', sink);
    await service.pass();
    await confirm(1);
    const beganMs = clock.nowMs;
    const last = async () => (await graph.alerts.deliveries({ limit: 1 }))[0];
    await service.pass();
    expect(await last()).toMatchObject({ state: 'pending', attempts: 0, dueMs: beganMs + 60_000 });
    clock.nowMs += 60_000;
    await service.pass();
    expect(await last()).toMatchObject({ outcome: 'http_503', attempts: 0, dueMs: beganMs + 3_660_000 });
    clock.nowMs = beganMs + 80 * 3_600_000;
    await service.pass();
    expect(await last()).toMatchObject({ state: 'pending', outcome: 'http_429', attempts: 1 });
  });

  test('what waits for longer than its events are kept is not told, which is', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    await confirm(1);
    status = 500;
    await service.pass();
    expect(lost).toEqual([]);
    clock.nowMs += 8 * 86_400_000;
    status = 204;
    await confirm(1, 1);
    await service.pass();
    const outcomes = (await graph.alerts.deliveries({ limit: 2 })).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['ok', 'no_event']);
    expect(lost).toEqual([{ rule: 'Confirmed', channel: 'ops' }]);
  });

  test('what a process knows no channel for waits, and one that knows it sends it', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    await confirm(1);
    const without = serviceOf(rival, 'b', undefined, []);
    await without.pass();
    const last = async () => (await graph.alerts.deliveries({ limit: 1 }))[0];
    expect(await last()).toMatchObject({ state: 'pending', outcome: 'no_channel' });
    clock.nowMs += 6_000;
    await service.pass();
    expect(await last()).toMatchObject({ state: 'delivered', outcome: 'ok' });
    expect(receiver.received).toHaveLength(1);
    await confirm(1, 1);
    for (let attempt = 0; attempt < 10; attempt++) {
      await without.pass();
      clock.nowMs += 30 * 3_600_000;
    }
    expect(await last()).toMatchObject({ state: 'failed', outcome: 'no_channel' });
    // Nobody was asked: that says nothing about the channel.
    expect((await new RuleBook({ file, store: graph.alerts }).disabledChannels()).size).toBe(0);
  });

  test('a receiver that is gone is not asked again', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    await confirm(1);
    status = 410;
    await service.pass();
    clock.nowMs += 86_400_000;
    await service.pass();
    expect(receiver.received).toHaveLength(1);
    await confirm(1, 1);
    await service.pass();
    expect(receiver.received).toHaveLength(1);
    const outcomes = async () => (await graph.alerts.deliveries({ limit: 10 })).map(({ outcome }) => outcome);
    expect(await outcomes()).toEqual(['channel_disabled', 'http_410']);
    const book = new RuleBook({ file, store: rival.alerts });
    expect([...(await book.disabledChannels()).values()]).toMatchObject([{ channel: 'ops', outcome: 'http_410' }]);
    expect(await book.enableChannel('ops')).toBe('ops');
    expect(await book.enableChannel('ops')).toMatchObject({ problems: [{ code: 'NOT_FOUND' }] });
    status = 204;
    const [disabled] = await graph.alerts.deliveries({ limit: 1 });
    await graph.alerts.replayDelivery(disabled?.id ?? '', clock.nowMs);
    await service.pass();
    expect(await outcomes()).toEqual(['ok', 'http_410']);
  });

  test('a channel that takes nothing for the whole schedule is disabled, one that takes other messages is not', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    const exhaust = async () => {
      for (let attempt = 0; attempt < 10; attempt++) {
        await service.pass();
        clock.nowMs += 30 * 3_600_000;
      }
    };
    await confirm(1);
    status = 500;
    await exhaust();
    const book = new RuleBook({ file, store: graph.alerts });
    expect([...(await book.disabledChannels()).values()]).toMatchObject([{ channel: 'ops', outcome: 'http_500' }]);
    await book.enableChannel('ops');
    clock.nowMs += 1000;
    await confirm(1, 1);
    await service.pass();
    status = 204;
    await confirm(1, 2);
    await service.pass();
    status = 400;
    await exhaust();
    expect((await book.disabledChannels()).size).toBe(0);
  });

  test('the log of deliveries tells, a replay sends once more with the same id, and what is old is forgotten', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    await confirm(2);
    status = 410;
    await service.pass();
    await new RuleBook({ file, store: graph.alerts }).enableChannel('ops');
    const failed = await graph.alerts.deliveries({ state: 'failed', channel: 'ops', limit: 10 });
    expect(failed).toMatchObject([
      { rule: 'Confirmed', attempts: 1, outcome: 'http_410' },
      { rule: 'Confirmed', attempts: 1, outcome: 'http_410' },
    ]);
    const [{ id }] = failed as [(typeof failed)[0]];
    status = 204;
    expect(await graph.alerts.replayDelivery(id, clock.nowMs)).toBe(true);
    expect(await graph.alerts.replayDelivery(id, clock.nowMs)).toBe(false);
    await service.pass();
    expect(ids().filter((one) => one === id)).toHaveLength(2);
    expect(await graph.alerts.deliveries({ state: 'delivered', limit: 10 })).toMatchObject([{ id }]);
    clock.nowMs += 31 * 86_400_000;
    await service.pass();
    expect(await graph.alerts.deliveries({ limit: 10 })).toEqual([]);
  });

  test('all events up to a position are decided on when it is asked for, and those beyond the log are none', async () => {
    const service = serviceOf(graph, 'a');
    await service.pass();
    await confirm(3);
    const last = await graph.reader.lastPosition();
    await Promise.all([service.decideUpTo(last), service.decideUpTo(2), service.decideUpTo(last + 5)]);
    expect((await graph.alerts.head()).position).toBe(last);
    expect(await graph.alerts.deliveries({ state: 'pending', limit: 10 })).toHaveLength(3);
  });

  test('what a dead process had taken is sent by another, and a decision counts once', async () => {
    await serviceOf(graph, 'a').pass();
    await confirm(1);
    const sent: string[] = [];
    const dying: AlertSink = {
      async deliver({ id }) {
        sent.push(id);
        throw new Error('killed');
      },
      async [Symbol.asyncDispose]() {},
    };
    await expect(serviceOf(graph, 'a', dying).pass()).rejects.toThrow('killed');
    const heir = serviceOf(rival, 'b');
    await heir.pass();
    expect(receiver.received).toEqual([]);
    clock.nowMs += LEASE_MS;
    await heir.pass();
    expect(ids()).toEqual(sent);
    const head = await graph.alerts.head();
    const late = { revision: 0, position: 99, put: [], removed: [], alerts: [] };
    expect(await graph.alerts.decide(late)).toBe(false);
    expect(await graph.alerts.head()).toEqual(head);
  });

  test('what is decided with rules that have changed since does not count, and a rule that goes is forgotten', async () => {
    const { alerts } = graph;
    const definition = { name: 'Any', when: 'fact.created', novelty: { of: 'link', window: 'forever' } };
    const book = new RuleBook({ file, store: alerts, clock: () => clock.nowMs });
    const service = serviceOf(graph, 'a');
    await service.pass();
    const before = await alerts.head();
    expect(await book.create(definition)).toMatchObject({ name: 'Any', origin: 'api' });
    const late = { ...before, position: 99, put: [], removed: [], alerts: [] };
    expect(await alerts.decide(late)).toBe(false);
    const stored = await alerts.ruleBook();
    expect(stored).toMatchObject({ rules: [{ name: 'Any', definition, createdMs: clock.nowMs }], silences: [] });
    expect((await alerts.head()).rulesRevision).toBe(stored.revision);
    expect(await alerts.changeRules({ revision: stored.revision - 1, removedRules: ['Any'] })).toBe(false);
    const two = [book, new RuleBook({ file, store: rival.alerts })].map((one) =>
      one.create({ ...definition, name: 'Two' }),
    );
    expect((await Promise.all(two)).filter((one) => 'problems' in one)).toMatchObject([
      { problems: [{ code: 'NAME_TAKEN' }] },
    ]);
    await confirm(1);
    await service.pass();
    const log = await alerts.alerts({ rule: 'Any', limit: 10 });
    expect(log).toMatchObject([{ rule: 'Any', type: 'alert.fired' }]);
    const all = await alerts.alerts({ limit: 10 });
    expect(all.map(({ rule }) => rule).sort()).toEqual(['Any', 'Confirmed', 'Two']);
    const places = all.map(({ place }) => place);
    expect(places).toEqual(places.toSorted((a, b) => b - a));
    expect(await alerts.alerts({ before: places[1] as number, limit: 1 })).toEqual([all[2]]);
    expect(await alerts.alertsAfter(places[1] as number, 10)).toEqual([all[0]]);
    expect(await alerts.lastAlertPlace()).toBe(places[0]);
    const seen = JSON.stringify(['seen', 'Any', 'link', ...(log[0]?.subjects ?? []).map(idOfSubject)]);
    expect(await alerts.states([seen])).toHaveLength(1);
    await book.remove('Any');
    expect(await alerts.states([seen])).toEqual([]);
    expect((await book.rules()).map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      'Confirmed file',
      'Merged file',
      'Newcomers file',
      'Two api',
    ]);
  });

  test('a receiver that does not answer holds up nobody else', async () => {
    const both = parseRules(
      `channels: {quick: {kind: log}, stuck: {kind: log}}
rules: [{name: Any, when: fact.created, channels: [stuck, quick]}]`,
      'rules.yaml',
    );
    const told: string[] = [];
    let release = () => {};
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sinkOf = (name: string): AlertSink => ({
      async deliver({ id }) {
        if (name === 'stuck') await stuck;
        told.push(id);
        return { delivered: true, outcome: 'ok', milliseconds: 1 };
      },
      async [Symbol.asyncDispose]() {},
    });
    const { alerts, reader } = graph;
    await using service = new AlertService({
      store: alerts,
      reader,
      book: new RuleBook({ file: both, store: alerts }),
      sinks: new Map(['quick', 'stuck'].map((name) => [name, sinkOf(name)])),
      maxAgeMs: 86_400_000,
      retentionMs: 86_400_000,
      holder: 'a',
      leaseMs: LEASE_MS,
      pollMs: 10,
      events: createTelemetry(createLogger('silent')).events,
      clock: () => clock.nowMs,
    });
    service.start();
    await expect.poll(async () => (await alerts.head()).position, { timeout: 120_000 }).toBeDefined();
    await confirm(10);
    await expect.poll(() => told.length, { timeout: 120_000 }).toBe(10);
    await confirm(1, 10);
    await expect.poll(() => told.length, { timeout: 120_000 }).toBe(11);
    release();
    await expect.poll(() => told.length, { timeout: 120_000 }).toBe(22);
    expect(new Set(told).size).toBe(22);
  });
});
