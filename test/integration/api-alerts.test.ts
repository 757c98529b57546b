import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { watchedName, watchedPairs } from '../../src/graph/plan/watched.ts';
import { type OpenAlerting, openAlerting } from '../../src/main-alerts.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { begunState } from '../helpers/alert-events.ts';
import { subscribe } from '../helpers/api-events.ts';
import { openTestApi, relayAll, type TestApi } from '../helpers/api-server.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';
import { type Received, type WebhookReceiver, webhookReceiver } from '../helpers/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const CREATE = `mutation ($input: AlertRuleInput!) {
  createAlertRule(input: $input) { rule { id name definition origin createdAt } userErrors { field code message } }
}`;
const FIRED = `subscription ($since: String, $rules: [ID!], $beat: Int) {
  alertFired(since: $since, rules: $rules, heartbeatSeconds: $beat) {
    cursor kind gap
    alert { id rule kind severity text silencedBy events { kind head { name } post { nativeId } } facts { id } firedIds }
  }
}`;
const ALERTS =
  '{ alerts { edges { node { rule kind silencedBy deliveries { id channel state attempts outcome } } } } }';

describe.each(graphAdapters())('alerts over the API on $name', (adapter) => {
  const clock = {
    get nowMs() {
      return Date.now();
    },
  };
  let folder: string;
  let database: TestDatabase;
  let graph: OpenGraph;
  let receiver: WebhookReceiver;
  let alerting: OpenAlerting;
  let api: TestApi;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-api-alerts-'));
    receiver = await webhookReceiver();
    await writeFile(join(folder, 'secret'), SECRET);
    await writeFile(
      join(folder, 'rules.yaml'),
      `watchlists: {watched: [Ada Lind]}
channels: {ops: {kind: webhook, url: "${receiver.url}", secretFile: ${join(folder, 'secret')}}}
rules: [{name: From the file, when: fact.retracted, severity: critical}]`,
    );
    database = await adapter.database(clock);
    graph = await database.open();
  });
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await database.clear();
    (receiver.received as unknown[]).length = 0;
    const config = loadConfig({
      ALERT_RULES: join(folder, 'rules.yaml'),
      ALERT_HTTPS_ONLY: 'false',
      ALERT_PRIVATE_NETWORKS: '127.0.0.0/8',
      EVENT_POLL_MS: '20',
    });
    alerting = openAlerting(graph, config, createTelemetry(createLogger('silent')));
    api = await openTestApi({ graph, alerting });
    return async () => {
      await api[Symbol.asyncDispose]();
      await alerting[Symbol.asyncDispose]();
    };
  });

  /** Starts deciding, from the newest event on. */
  const start = async () => {
    alerting.start();
    await expect.poll(async () => (await graph.alerts.head()).position).toBe(await graph.reader.lastPosition());
  };
  const say = async (...posts: Parameters<OpenGraph['store']['replacePosts']>[0]) => {
    await graph.store.replacePosts(posts);
    await relayAll(graph.store);
  };
  const member = (id: string, person: string, organisation = 'Harbour Robotics') =>
    memberPost({ id, author: id, person, organisation, at: new Date().toISOString() });
  const create = async (input: Record<string, unknown>) => (await api.query(CREATE, { input })).data.createAlertRule;
  const watched = { filters: [{ key: 'either.watchlist', operator: 'eq', values: ['watched'] }] };

  test('a rule that is made fires for what comes then, in the log, to its channels and to who follows', async () => {
    await say(member('0', 'Ada Lind', 'Old Mill'));
    await start();
    const { rule, userErrors } = await create({
      name: 'Links of Ada',
      when: 'FACT_CREATED',
      filter: watched,
      channels: ['ops'],
      severity: 'INFO',
      template: '{{head.name}} is new at {{tail.name}}',
      group: { by: ['HEAD'], wait: '0s' },
    });
    expect(userErrors).toEqual([]);
    expect(rule).toMatchObject({ name: 'Links of Ada', origin: 'API' });
    expect(rule.definition).toContain('by:\n    - head');
    await using following = await subscribe(api.url, FIRED);
    expect((await following.take(1))[0]).toMatchObject({ data: { alertFired: { kind: 'HEARTBEAT', alert: null } } });
    await say(member('1', 'Ada Lind'), member('2', 'Bo Strand'));
    const [fired] = await following.take(1);
    expect(fired.data.alertFired).toMatchObject({
      kind: 'ALERT',
      gap: false,
      alert: {
        rule: 'Links of Ada',
        kind: 'FIRED',
        severity: 'INFO',
        text: 'Ada Lind is new at Harbour Robotics',
        silencedBy: null,
        events: [{ kind: 'CREATED', head: { name: 'Ada Lind' }, post: { nativeId: '1' } }],
        facts: [{ id: expect.stringMatching(/^fact_/) }],
      },
    });
    await expect.poll(() => receiver.received.length).toBe(1);
    const [{ headers, body }] = receiver.received as [Received];
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toMatchObject({ type: 'alert.fired' });
    await say(deletionOf('1', '1'));
    const resolved = (await following.take(2)).map(({ data }) => data.alertFired.alert);
    expect(resolved).toMatchObject([
      { kind: 'RESOLVED', firedIds: [fired.data.alertFired.alert.id] },
      { rule: 'From the file', kind: 'FIRED' },
    ]);
    await using later = await subscribe(api.url, FIRED, { since: fired.data.alertFired.cursor, rules: [rule.id] });
    expect((await later.take(1))[0].data.alertFired.alert).toMatchObject({ rule: 'Links of Ada', kind: 'RESOLVED' });
    const { data } = await api.query(
      'query ($id: ID!) { alertRule(id: $id) { alerts(first: 1) { edges { node { kind } } pageInfo { hasNextPage endCursor } } } }',
      { id: rule.id },
    );
    expect(data.alertRule.alerts).toMatchObject({
      edges: [{ node: { kind: 'RESOLVED' } }],
      pageInfo: { hasNextPage: true },
    });
  });

  test('what is wrong with a rule is said with its place, as for a file', async () => {
    const errors = async (input: Record<string, unknown>) => (await create(input)).userErrors;
    const filters = [{ key: 'confidense', operator: 'gte', values: [1] }];
    expect(await errors({ name: 'x', when: 'FACT_CREATED', filter: { filters }, settle: 'soon' })).toMatchObject([
      { field: 'filter.filters.0.key', code: 'INVALID_RULE', message: expect.stringContaining('confidense') },
      { field: 'settle', code: 'INVALID_RULE' },
    ]);
    const strange = [{ key: 'head.watchlist', operator: 'eq', values: ['nobody'] }];
    expect(
      await errors({ name: 'x', when: 'FACT_CREATED', channels: ['pager'], filter: { filters: strange } }),
    ).toMatchObject([
      { field: 'channels.0', message: 'there is no channel "pager"' },
      { field: 'filter.filters.0.values.0', message: 'there is no watchlist "nobody"' },
    ]);
    expect(await errors({ name: 'x', when: 'FACT_THRESHOLD' })).toMatchObject([{ field: 'when' }]);
    expect(await errors({ name: 'From the file', when: 'FACT_CREATED' })).toMatchObject([
      { field: 'name', code: 'NAME_TAKEN' },
    ]);
    const { data } = await api.query(
      '{ alertRules { totalCount edges { node { name origin trigger severity createdAt } } } }',
    );
    expect(data.alertRules).toEqual({
      totalCount: 1,
      edges: [
        {
          node: {
            name: 'From the file',
            origin: 'FILE',
            trigger: 'FACT_RETRACTED',
            severity: 'CRITICAL',
            createdAt: null,
          },
        },
      ],
    });
  });

  test('a rule is changed and deleted where it was made', async () => {
    const { rule } = await create({ name: 'r', when: 'FACT_CREATED', channels: [] });
    const update = (id: string, input: Record<string, unknown>) =>
      api.query(
        `mutation ($id: ID!, $input: AlertRuleInput!) {
          updateAlertRule(id: $id, input: $input) { rule { definition severity } userErrors { field code } }
        }`,
        { id, input },
      );
    const changed = await update(rule.id, { name: 'r', when: 'FACT_CREATED', severity: 'CRITICAL' });
    expect(changed.data.updateAlertRule).toMatchObject({ rule: { severity: 'CRITICAL' }, userErrors: [] });
    const read = await api.query('query ($id: ID!) { alertRule(id: $id) { severity } }', { id: rule.id });
    expect(read.data.alertRule).toEqual({ severity: 'CRITICAL' });
    const renamed = await update(rule.id, { name: 'other', when: 'FACT_CREATED' });
    expect(renamed.data.updateAlertRule.userErrors).toEqual([{ field: 'name', code: 'NAME_IS_IDENTITY' }]);
    const list = await api.query('{ alertRules { edges { node { id name } } } }');
    const ofFile = list.data.alertRules.edges[0].node.id;
    const fixed = await update(ofFile, { name: 'From the file', when: 'FACT_CREATED' });
    expect(fixed.data.updateAlertRule.userErrors).toEqual([{ field: 'id', code: 'FROM_FILE' }]);
    const drop = (id: string) =>
      api.query('mutation ($id: ID!) { deleteAlertRule(id: $id) { ruleId userErrors { code } } }', { id });
    expect((await drop(rule.id)).data.deleteAlertRule).toEqual({ ruleId: rule.id, userErrors: [] });
    expect((await drop(rule.id)).data.deleteAlertRule.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    await start();
    await say(member('1', 'Ada Lind'));
    await alerting.start().decideUpTo(await graph.reader.lastPosition());
    expect((await api.query(ALERTS)).data.alerts.edges).toEqual([]);
  });

  test('while a rule is silenced its alerts are in the log and nowhere else', async () => {
    await start();
    const { rule } = await create({ name: 'r', when: 'FACT_CREATED', channels: ['ops'] });
    const silence = (input: Record<string, unknown>) =>
      api.query(
        `mutation ($input: AlertSilenceInput!) {
          silenceAlerts(input: $input) { silence { id rule reason startsAt } userErrors { field code } }
        }`,
        { input },
      );
    const soon = new Date(Date.now() + 60_000).toISOString();
    const made = (await silence({ rule: rule.id, endsAt: soon, reason: 'holiday' })).data.silenceAlerts;
    expect(made).toMatchObject({ silence: { rule: 'r', reason: 'holiday' }, userErrors: [] });
    const past = await silence({ endsAt: '2020-01-01T00:00:00Z' });
    expect(past.data.silenceAlerts.userErrors).toEqual([{ field: 'endsAt', code: 'INVALID_SILENCE' }]);
    const decided = async () => alerting.start().decideUpTo(await graph.reader.lastPosition());
    await say(member('1', 'Ada Lind'));
    await decided();
    expect((await api.query('{ alertSilences { id } }')).data.alertSilences).toEqual([{ id: made.silence.id }]);
    const end = 'mutation ($id: ID!) { endSilence(id: $id) { silenceId userErrors { code } } }';
    expect((await api.query(end, { id: made.silence.id })).data.endSilence.silenceId).toBe(made.silence.id);
    expect((await api.query(end, { id: made.silence.id })).data.endSilence.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    await say(member('2', 'Bo Strand'));
    await decided();
    await expect.poll(() => receiver.received.length).toBe(1);
    const { data } = await api.query(ALERTS);
    expect(data.alerts.edges).toMatchObject([
      { node: { silencedBy: null, deliveries: [{ channel: 'ops' }] } },
      { node: { silencedBy: made.silence.id, deliveries: [] } },
    ]);
    expect(receiver.received[0]?.body).toContain('Bo Strand');
  });

  test('a rule is tried on what has happened before it is made', async () => {
    await say(member('1', 'Ada Lind'), member('2', 'Ada Lind', 'Old Mill'), member('3', 'Bo Strand', 'Old Mill'));
    const TEST = `query ($rule: AlertRuleInput, $id: ID) { testAlertRule(rule: $rule, id: $id, last: "1h") {
      test { alertCount heldBackCount nearMissCount eventCount isPartial
        alerts { kind events { head { name } tail { name } } } judged { fires heldBack why event { tail { name } } } }
      userErrors { field code } } }`;
    const filter = { filters: [...watched.filters, { key: 'confidence', operator: 'gte', values: [0.5] }] };
    const rule = { name: 'r', when: 'FACT_CREATED', filter, throttle: { per: ['HEAD'], every: '1h' } };
    const { test: tried } = (await api.query(TEST, { rule })).data.testAlertRule;
    expect(tried).toMatchObject({ alertCount: 1, heldBackCount: 1, nearMissCount: 1, eventCount: 3, isPartial: false });
    expect(tried.alerts).toMatchObject([{ kind: 'FIRED', events: [{ head: { name: 'Ada Lind' } }] }]);
    expect(tried.judged.map(({ fires, heldBack }: any) => [fires, heldBack])).toEqual(
      expect.arrayContaining([
        [true, null],
        [true, 'throttle'],
        [false, null],
      ]),
    );
    expect(tried.judged.find(({ fires }: any) => !fires).why).toEqual([
      'either.watchlist is "Bo Strand" and "Old Mill", not eq watched',
    ]);
    expect((await api.query(ALERTS)).data.alerts.edges).toEqual([]);
    const wrong = await api.query(TEST, { rule: { name: 'r', when: 'FACT_CREATED', channels: ['pager'] } });
    expect(wrong.data.testAlertRule).toMatchObject({ test: null, userErrors: [{ field: 'channels.0' }] });
    expect((await api.query(TEST, { id: 'rule_0' })).data.testAlertRule.userErrors).toEqual([
      { field: 'id', code: 'NOT_FOUND' },
    ]);
  });

  test('a rule about entities is tried, made, and tells of them', async () => {
    await say(member('0', 'Bo Strand', 'Old Mill'));
    await start();
    const rule = {
      name: 'Newcomers',
      when: 'ENTITY_CREATED',
      filter: { filters: [{ key: 'entity.type', operator: 'eq', values: ['PER'] }] },
      group: { by: ['ENTITY', 'TYPE'], wait: '0s' },
    };
    const entityEvents = 'entityEvents { kind entity { name } event { kind } post { nativeId } }';
    const tried = await api.query(
      `query ($rule: AlertRuleInput) { testAlertRule(rule: $rule) { userErrors { message } test {
        eventCount alerts { events { kind } ${entityEvents} } judged { fires why event { kind } entityEvent { kind } }
      } } }`,
      { rule },
    );
    const bo = { kind: 'ENTITY_CREATED', entity: { name: 'Bo Strand' }, event: null, post: { nativeId: '0' } };
    const judged = { event: null, entityEvent: { kind: 'ENTITY_CREATED' } };
    const alerts = [{ events: [], entityEvents: [bo] }];
    const test = { eventCount: 2, alerts, judged: [{ ...judged, fires: true, why: [] }] };
    expect(tried.data.testAlertRule).toEqual({ userErrors: [], test });
    expect((await create({ ...rule, settle: '1m' })).userErrors).toMatchObject([{ field: 'settle' }]);
    expect((await create(rule)).userErrors).toEqual([]);
    await say(member('1', 'Ada Lind'), member('2', 'Ada Lind'));
    const list = `{ alerts { edges { node { text events { kind } facts { id } ${entityEvents} } } } }`;
    const told = async () => (await api.query(list)).data.alerts.edges.map((edge: { node: unknown }) => edge.node);
    const ada = { kind: 'ENTITY_CREATED', entity: { name: 'Ada Lind' }, event: null, post: { nativeId: '1' } };
    await expect.poll(told).toEqual([{ text: 'New: Ada Lind (PER)', events: [], facts: [], entityEvents: [ada] }]);
  });

  test('a rule about spikes tells of them once, with how many mentions there are and how many are usual', async () => {
    await start();
    const spike = { bucket: '1m', baseline: '2m', method: 'RATIO', threshold: 2, minCount: 8 };
    const named = (key: string) => ({ filters: [{ key, operator: 'eq', values: ['Ada Lind'] }] });
    const loud = { name: 'Loud', when: 'ENTITY_SPIKE', filter: named('entity.name'), spike, channels: ['ops'] };
    expect((await create({ ...loud, spike: { ...spike, baseline: '90s' } })).userErrors).toMatchObject([
      { field: 'spike.baseline', code: 'INVALID_RULE' },
    ]);
    expect((await create(loud)).userErrors).toEqual([]);
    const together = { name: 'Together', when: 'PAIR_SPIKE', filter: named('either.name'), spike };
    expect((await create({ ...together, throttle: { per: ['PAIR'], every: '1h' } })).userErrors).toEqual([]);
    let count = 0;
    const mention = () => say(member(`${count++}`, 'Ada Lind'));
    const heard = async () => {
      await mention();
      return (await graph.reader.eventsAfter(0, 100)).map(({ kind }) => kind);
    };
    await expect.poll(heard).toContain('pair.mentioned');
    // As if the rules had been there for an hour.
    const keys = [watchedName('Ada Lind'), watchedPairs(watchedName('Ada Lind'))];
    await graph.alerts.watch([], 0);
    const sinceMs = Date.now() - 3_600_000;
    await graph.alerts.watch(keys, sinceMs);
    const test = { bucketMs: 60_000, buckets: 2, method: 'ratio', threshold: 2, minCount: 8 } as const;
    const put = ['Loud', 'Together'].map((rule) => begunState(rule, test, sinceMs));
    const store = async () => {
      const { revision, position = 0 } = await graph.alerts.head();
      return graph.alerts.decide({ revision, position, put, removed: [], alerts: [] });
    };
    await expect.poll(store).toBe(true);
    for (let more = 0; more < 10; more++) await mention();
    const event = 'kind entity { name } other { name } spike { mentions usual } post { nativeId }';
    const list = `{ alerts { edges { node { rule text events { kind } entityEvents { ${event} } } } } }`;
    const told = async () => (await api.query(list)).data.alerts.edges.map((edge: { node: unknown }) => edge.node);
    await expect.poll(told).toHaveLength(2);
    const of = { mentions: expect.any(Number), usual: 0 };
    const [one, two] = (await told()).sort((a: { rule: string }, b: { rule: string }) => (a.rule < b.rule ? -1 : 1));
    expect([one.entityEvents, two.entityEvents]).toMatchObject([
      [{ kind: 'ENTITY_MENTIONED', entity: { name: 'Ada Lind' }, other: null, spike: of }],
      [{ kind: 'PAIR_MENTIONED', spike: of }],
    ]);
    expect(one.entityEvents[0].spike.mentions).toBeGreaterThanOrEqual(8);
    expect(one.text).toBe(`Ada Lind (PER) is mentioned ${one.entityEvents[0].spike.mentions} times, usual are 0`);
    const names = [two.entityEvents[0].entity.name, two.entityEvents[0].other.name];
    expect(names.toSorted()).toEqual(['Ada Lind', 'Harbour Robotics']);
    expect(two.text).toContain(`${names.join(' and ')} are mentioned together`);
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(JSON.parse((receiver.received as [Received])[0].body)).toMatchObject({
      data: {
        entities: [{ name: 'Ada Lind', event: 'entity.spike', usual: 0, evidence: [{ author: expect.any(String) }] }],
      },
    });
  });

  test('deliveries are listed and sent again, and a channel is tried', async () => {
    await start();
    await create({ name: 'r', when: 'FACT_CREATED', channels: ['ops'] });
    await say(member('1', 'Ada Lind'), member('2', 'Bo Strand'));
    const LIST = `query ($after: String) { alertDeliveries(first: 1, after: $after, state: DELIVERED, channel: "ops") {
      edges { cursor node { id rule state attempts dueAt outcome } } pageInfo { hasNextPage } } }`;
    await expect.poll(async () => (await api.query(LIST)).data.alertDeliveries.pageInfo.hasNextPage).toBe(true);
    const [first] = (await api.query(LIST)).data.alertDeliveries.edges;
    expect(first.node).toMatchObject({ rule: 'r', state: 'DELIVERED', attempts: 1, dueAt: null, outcome: 'ok' });
    const rest = (await api.query(LIST, { after: first.cursor })).data.alertDeliveries;
    expect([rest.edges.length, rest.pageInfo.hasNextPage, rest.edges[0].node.id === first.node.id]).toEqual([
      1,
      false,
      false,
    ]);
    const replay = 'mutation ($id: ID!) { replayDelivery(id: $id) { delivery { id state } userErrors { code } } }';
    expect((await api.query(replay, { id: first.node.id })).data.replayDelivery.delivery.id).toBe(first.node.id);
    await expect.poll(() => receiver.received.length).toBe(3);
    expect((await api.query(replay, { id: 'msg_0' })).data.replayDelivery.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    const send = (channel: string) =>
      api.query(
        'mutation ($c: String!) { sendTestAlert(channel: $c) { attempt { delivered outcome } userErrors { code } } }',
        { c: channel },
      );
    expect((await send('ops')).data.sendTestAlert.attempt).toEqual({ delivered: true, outcome: 'ok' });
    expect((await send('pager')).data.sendTestAlert.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    const channels = async () => (await api.query('{ alertChannels { name kind disabledFor } }')).data.alertChannels;
    expect(await channels()).toEqual([{ name: 'ops', kind: 'webhook', disabledFor: null }]);
    await alerting.book.disableChannel('ops', 'http_410');
    expect(await channels()).toEqual([{ name: 'ops', kind: 'webhook', disabledFor: 'http_410' }]);
    const enable = 'mutation { enableAlertChannel(channel: "ops") { channel { disabledAt } userErrors { code } } }';
    const enabled = (await api.query(enable)).data.enableAlertChannel;
    expect(enabled).toEqual({ channel: { disabledAt: null }, userErrors: [] });
    expect((await api.query(enable)).data.enableAlertChannel.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
  });
});
