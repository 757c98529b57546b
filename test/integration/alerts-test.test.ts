import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watchedName, watchedPairs } from '../../src/graph/plan/watched.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { relayAll } from '../helpers/graph-adapters.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';
import { type Received, webhookReceiver } from '../helpers/webhook-receiver.ts';

const DAY_MS = 86_400_000;
const RULES = `
rules:
  - name: Confirmed
    when: fact.threshold
    filter: {filters: [{key: head.name, operator: eq, values: [Ada Lind]}, {key: sourceCount, operator: gte, values: [2]}]}
  - {name: Newcomers, when: entity.created, filter: {filters: [{key: entity.type, operator: eq, values: [PER]}, {key: entity.name, operator: not_eq, values: [Nobody]}]}}
  - {name: Any, when: fact.created, novelty: {of: entity, window: 1d}}
  - {name: Gone, when: fact.retracted, filter: {filters: [{key: sourceCount, operator: gte, values: [1]}]}}
`;

describe('grapevine alerts test', () => {
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-alerts-'));
    const path = join(folder, 'graph.db');
    const rules = join(folder, 'rules.yaml');
    await writeFile(rules, RULES);
    env = { GRAPH_URL: `sqlite:${path}`, ALERT_RULES: rules };
    const clock = { nowMs: Date.now() - 3 * DAY_MS };
    const { store, reader } = await sqliteGraph({ path, clock: () => clock.nowMs });
    const say = (id: string, person: string, atMs = clock.nowMs) =>
      memberPost({ id, author: id, person, at: new Date(atMs).toISOString() });
    await store.replacePosts([say('1', 'Bo Strand'), deletionOf('1', '1')]);
    clock.nowMs = Date.now();
    const old = say('5', 'Old News', clock.nowMs - 30 * DAY_MS);
    await store.replacePosts([old, say('2', 'Ada Lind'), say('3', 'Ada Lind'), say('4', 'Ada Lind')]);
    await relayAll(store);
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const linesOf = (stdout: string) =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('prints what would have fired, and why near misses would not', async () => {
    const { code, stdout } = await runCli(['alerts', 'test', 'Confirmed', '--last', '24h', '--json'], { env });
    expect(code).toBe(0);
    expect(linesOf(stdout)).toMatchObject([
      { fires: false, kind: 'fact.created', why: ['sourceCount is 1, not gte 2'] },
      { fires: true, kind: 'fact.strengthened', why: [], fact: { sourceCount: 2, head: { name: 'Ada Lind' } } },
      { fires: false, kind: 'fact.strengthened', why: ['the filter held before this event, so no gate was crossed'] },
    ]);
    const text = await runCli(['alerts', 'test', 'Confirmed', '--last', '24h'], { env });
    expect(text.stdout).toMatch(
      /^ALERT {2}\S+ {2}fact.strengthened {2}Ada Lind —\/per\/org\/member_of→ Harbour Robotics$/m,
    );
    expect(text.stderr).toBe('1 alerts, 2 near misses in 4 events\n');
    const any = await runCli(['alerts', 'test', 'Any', '--last', '24h'], { env });
    expect(any.stdout).toMatch(/^held {3}\S+ {2}fact.created {2}Old News —.*: too old$/m);
    expect(any.stderr).toBe('1 alerts, 1 held back, 0 near misses in 4 events\n');
  });

  test('prints which new entities it would have fired at', async () => {
    const { code, stdout } = await runCli(['alerts', 'test', 'Newcomers', '--last', '24h', '--json'], { env });
    expect(code).toBe(0);
    const name = (line: Record<string, unknown>) => (line['entity'] as { readonly name: string }).name;
    expect(linesOf(stdout).sort((a, b) => (name(a) < name(b) ? -1 : 1))).toMatchObject([
      { fires: true, kind: 'entity.created', why: [], entity: { name: 'Ada Lind', type: 'PER' } },
      { fires: false, why: ['entity.type is "ORG", not eq PER'], entity: { name: 'Harbour Robotics', type: 'ORG' } },
      { fires: true, heldBack: 'too_old', entity: { name: 'Old News' } },
    ]);
    const text = await runCli(['alerts', 'test', 'Newcomers', '--last', '24h'], { env });
    expect(text.stdout).toMatch(/^ALERT {2}\S+ {2}entity.created {2}Ada Lind \(PER\)$/m);
    expect(text.stderr).toBe('1 alerts, 1 held back, 1 near misses in 3 events\n');
  });

  test('counts for a rule about spikes, and prints what came nearest to one', async () => {
    const path = join(folder, 'spikes.db');
    const rules = join(folder, 'spikes.yaml');
    const spike = 'spike: {bucket: 10m, baseline: 1h, minCount: 5}';
    const names = 'filter: {filters: [{key: entity.name, operator: eq, values: [Ada Lind, Bo Strand]}]}';
    const pairs = 'filter: {filters: [{key: either.name, operator: eq, values: [Ada Lind]}]}';
    await writeFile(
      rules,
      `rules:\n  - {name: Loud, when: entity.spike, ${spike}, ${names}}\n  - {name: Together, when: pair.spike, ${spike}, ${pairs}}\n`,
    );
    const startMs = Date.now() - 6 * 3_600_000;
    const clock = { nowMs: startMs };
    const { store, reader, alerts } = await sqliteGraph({ path, clock: () => clock.nowMs });
    const keys = [watchedName('Ada Lind'), watchedName('Bo Strand'), watchedPairs(watchedName('Ada Lind'))];
    await alerts.watch(keys, startMs);
    for (const [index, minute] of [200, 201, 202, 203, 204, 205, 206, 207].entries()) {
      clock.nowMs = startMs + minute * 60_000;
      const [id, at] = [`${index}`, new Date(clock.nowMs).toISOString()];
      const person = index < 2 ? 'Bo Strand' : 'Ada Lind';
      await store.replacePosts([memberPost({ id, author: id, person, at })]);
      await relayAll(store);
    }
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
    const run = (name: string, ...more: readonly string[]) =>
      runCli(['alerts', 'test', name, '--last', '4h', ...more], {
        env: { GRAPH_URL: `sqlite:${path}`, ALERT_RULES: rules },
      });
    const loud = await run('Loud');
    expect(loud.stdout.split('\n').map((line) => line.replace(/\S+Z/, 'TIME'))).toEqual([
      'no     TIME  entity.mentioned  Bo Strand (PER), 2 mentions, usual 0: mentions are 2, not gte 5; zscore is 2, not gte 3',
      'ALERT  TIME  entity.mentioned  Ada Lind (PER), 5 mentions, usual 0',
      '',
    ]);
    expect(loud.stderr).toMatch(/^1 alerts, 1 near misses in \d+ events\n$/);
    const [together] = linesOf((await run('Together', '--json')).stdout);
    expect(together).toMatchObject({ fires: true, kind: 'pair.mentioned', mentions: 5, usual: 0 });
    expect([together?.['entity'], together?.['with']]).toContainEqual(expect.objectContaining({ name: 'Ada Lind' }));
  });

  test('looks back as far as it is told', async () => {
    const gone = (last: string) => runCli(['alerts', 'test', 'Gone', '--last', last, '--json'], { env });
    expect((await gone('24h')).stdout).toBe('');
    expect(linesOf((await gone('7d')).stdout)).toMatchObject([{ fires: true, fact: { head: { name: 'Bo Strand' } } }]);
  });

  test('refuses a rule that there is not, and rules that are wrong', async () => {
    const none = await runCli(['alerts', 'test', 'Other', '--last', '1h'], { env });
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('there is no such rule; there are "Any", "Confirmed", "Gone"'),
    ]);
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'rules:\n  - {name: x, when: later}\n');
    const wrong = await runCli(['alerts', 'test', 'x', '--last', '1h', '--alert-rules', file], { env });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('line 2, column 21: rules.0.when')]);
  });
});

describe('grapevine alerts send-test', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-alerts-'));
    await writeFile(join(folder, 'secret'), `${secret}\n`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('delivers a signed message, and tells what became of it', async () => {
    await using receiver = await webhookReceiver((response) => void response.writeHead(202).end('thanks'));
    const rules = join(folder, 'rules.yaml');
    const channel = `{kind: webhook, url: "${receiver.url}", secretFile: ${join(folder, 'secret')}}`;
    await writeFile(rules, `channels: {ops: ${channel}}\nrules: []\n`);
    const send = (env: Record<string, string>) =>
      runCli(['alerts', 'send-test', 'ops', '--alert-rules', rules, '--json'], { env });

    const refused = await send({ ALERT_HTTPS_ONLY: 'false' });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(
      'it leads to a machine that is not public; name its network in ALERT_PRIVATE_NETWORKS',
    );
    const inClear = await send({ ALERT_PRIVATE_NETWORKS: '127.0.0.0/8' });
    expect(inClear.stderr).toContain('it is not https, and ALERT_HTTPS_ONLY is set');

    const { code, stdout } = await send({ ALERT_HTTPS_ONLY: 'false', ALERT_PRIVATE_NETWORKS: '127.0.0.0/8' });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { delivered: true, channel: 'ops', answer: 'thanks' }]);
    const [{ headers, body }] = receiver.received as [Received];
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ type: 'alert.test' });
    expect(receiver.received).toHaveLength(1);
  });

  test('refuses a channel that there is not, and a secret that is none', async () => {
    const rules = join(folder, 'wrong.yaml');
    await writeFile(join(folder, 'short'), 'whsec_AAAA\n');
    const channel = `{kind: webhook, url: "https://example.com", secretFile: ${join(folder, 'short')}}`;
    await writeFile(rules, `channels: {ops: ${channel}}\nrules: []\n`);
    const none = await runCli(['alerts', 'send-test', 'other', '--alert-rules', rules]);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('there is no channel "other"; there are "ops"'),
    ]);
    const short = await runCli(['alerts', 'send-test', 'ops', '--alert-rules', rules]);
    expect([short.code, short.stderr]).toEqual([2, expect.stringContaining('expected one or two secrets')]);
    expect(short.stderr).not.toContain('whsec_AAAA');
  });

  test('delivers to chats, as JSON with a token, by e-mail, and to the log', async () => {
    await using receiver = await webhookReceiver();
    const rules = join(folder, 'channels.yaml');
    await writeFile(join(folder, 'url'), `${receiver.url}\n`);
    await writeFile(join(folder, 'token'), 't0ken\n');
    const chat = (kind: string) => `{kind: ${kind}, urlFile: ${join(folder, 'url')}}`;
    const json = `{kind: json, url: "${receiver.url}", tokenFile: ${join(folder, 'token')}}`;
    await writeFile(join(folder, 'login'), 'user\npass\n');
    const mail = (login: string) =>
      `{kind: email, server: "smtp://127.0.0.1:1", from: a@example.com, to: [b@example.com], loginFile: ${join(folder, login)}}`;
    await writeFile(
      rules,
      `channels: {s: ${chat('slack')}, d: ${chat('discord')}, j: ${json}, l: {kind: log}, bad: {kind: slack, urlFile: ${rules}}, m: ${mail('login')}, n: ${mail('token')}}\nrules: []\n`,
    );
    const env = { ALERT_HTTPS_ONLY: 'false', ALERT_PRIVATE_NETWORKS: '127.0.0.0/8' };
    const send = (name: string) => runCli(['alerts', 'send-test', name, '--alert-rules', rules, '--json'], { env });
    const [s, d, j, l, bad] = await Promise.all(['s', 'd', 'j', 'l', 'bad'].map(send));
    for (const sent of [s, d, j, l]) expect([sent?.code, sent?.stderr]).toEqual([0, expect.any(String)]);
    const bodies = receiver.received.map(({ body, headers }) => ({ ...JSON.parse(body), by: headers.authorization }));
    expect(bodies).toHaveLength(3);
    expect(bodies).toContainEqual(expect.objectContaining({ text: expect.stringContaining('Channel s works') }));
    expect(bodies).toContainEqual(expect.objectContaining({ allowed_mentions: { parse: [] } }));
    expect(bodies).toContainEqual(expect.objectContaining({ type: 'alert.test', by: 'Bearer t0ken' }));
    expect(l?.stderr).toContain('"type":"alert.test"');
    expect([bad?.code, bad?.stderr]).toEqual([2, expect.stringContaining('expected one http or https URL')]);
    expect(bad?.stderr).not.toContain(receiver.url);
    const [m, n] = await Promise.all(['m', 'n'].map(send));
    expect([m?.code, JSON.parse(m?.stdout ?? '')]).toMatchObject([1, { outcome: 'network' }]);
    expect([n?.code, n?.stderr]).toEqual([2, expect.stringContaining('expected a user and a password')]);
  });
});
