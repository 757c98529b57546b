import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { RunningCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { memberPost } from '../helpers/graph-extractions.ts';
import { type Received, webhookReceiver } from '../helpers/webhook-receiver.ts';

test('grapevine serve sends a signed webhook when a link appears', async () => {
  const folder = await temporaryFolder();
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  await writeFile(join(folder, 'secret'), secret);
  await using receiver = await webhookReceiver();
  const rules = `watchlists: {board: [ada lind]}
channels: {ops: {kind: webhook, url: "${receiver.url}", secretFile: ${join(folder, 'secret')}}}
rules: [{name: Links, when: fact.created, channels: [ops]}]`;
  await writeFile(join(folder, 'rules.yaml'), rules);
  const path = join(folder, 'graph.db');
  const { store, reader, alerts } = await sqliteGraph({ path });
  const env = {
    ALERT_RULES: join(folder, 'rules.yaml'),
    ALERT_HTTPS_ONLY: 'false',
    ALERT_PRIVATE_NETWORKS: '127.0.0.0/8',
  };
  await using serve = new RunningCli(['serve', '--graph', `sqlite:${path}`, '--port', '0'], { env });
  await expect.poll(async () => (await alerts.head()).position, { timeout: 120_000 }).toBe(0);
  await store.replacePosts([memberPost({ at: new Date().toISOString() })]);
  await expect.poll(() => receiver.received.length, { timeout: 120_000 }).toBe(1);
  const [{ headers, body }] = receiver.received as [Received];
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'alert.fired',
    data: {
      rule: 'Links',
      severity: 'warning',
      text: 'Ada Lind —/per/org/member_of→ Harbour Robotics (0.8, 1 sources)',
      facts: [
        {
          head: { name: 'Ada Lind' },
          tail: { name: 'Harbour Robotics' },
          evidence: [{ author: '@a', text: 'post 1 says about Ada Lind Harbour Robotics' }],
        },
      ],
    },
  });
  // The lists of the rules stand in the filters of queries, too.
  const [url = ''] = await serve.waitFor(/http:\S+\/graphql/);
  const filter = '{filters: [{key: "head.watchlist", operator: eq, values: ["board"]}]}';
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ facts(filter: ${filter}) { edges { node { head { name } } } } }` }),
  });
  expect(await answer.json()).toEqual({ data: { facts: { edges: [{ node: { head: { name: 'Ada Lind' } } }] } } });
  await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
});
