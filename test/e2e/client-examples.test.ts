import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GrapevineClient } from '../../src/index.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { kafkaBrokers, withoutKafka } from '../helpers/kafka-broker.ts';

/** Starts `grapevine serve` and gives its address. */
async function serve(folder: string, env: Record<string, string> = {}): Promise<[RunningCli, string]> {
  const args = ['serve', '--graph', `sqlite:${join(folder, 'graph.db')}`, '--port', '0'];
  const running = new RunningCli(args, { env });
  const [, address = ''] = await running.waitFor(/GraphiQL: (http:\/\/\S+)\/graphql/);
  return [running, address];
}

/** Runs an example as a reader would; gives what it printed. */
function example(name: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  const file = fileURLToPath(new URL(`../../examples/client/${name}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...env } });
  let [printed, errors] = ['', ''];
  child.stdout.on('data', (text) => (printed += text));
  child.stderr.on('data', (text) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(errors))));
  });
}

test('the examples send a post through the shipped model, and follow what comes of it', async () => {
  const text = 'Big news! Mara Lindqvist joins Harbour Robotics as chief engineer in Rotterdam';
  const [server, url] = await serve(await temporaryFolder(), { LOG_LEVEL: 'error' });
  await using _server = server;
  const client = new GrapevineClient({ url });
  const env = { GRAPEVINE_URL: url };
  const { stats } = await client.query<{ stats: { eventCursor: string } }>('{ stats { eventCursor } }');
  const submitted = await example('submit.mjs', [text], env);
  expect(submitted).toMatch(/would find Mara Lindqvist \(PER\)/);
  expect(submitted).toMatch(/^CREATED$/m);
  expect(submitted).toMatch(/^Mara Lindqvist \/per\/org\/\S+ Harbour Robotics$/m);
  const followed = await example('follow.mjs', ['1'], { ...env, SINCE: stats.eventCursor });
  expect(followed).toMatch(/^CREATED Mara Lindqvist \/per\/\S+ /);
  expect(server.stderr).toBe('');
});

test('a picture is sent, read with a post and shown', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'pictures'));
  const [other, address] = await serve(folder, { PICTURE_STORE: `folder:${join(folder, 'pictures')}` });
  await using _other = other;
  const client = new GrapevineClient({ url: address });
  const logo = new URL('../../examples/demo/images/harbour-robotics-logo.jpg', import.meta.url);
  const { reference } = await client.upload(await readFile(logo));
  const { submitPost } = await client.query<{ submitPost: { post: { pictures: { thumbnailUrl: string }[] } } }>(
    'mutation ($input: PostInput!) { submitPost(input: $input) { post { pictures { outcome thumbnailUrl } } } }',
    { input: { text: 'Mara Lindqvist joins Harbour Robotics', images: [reference] } },
  );
  expect(submitPost.post.pictures).toMatchObject([{ outcome: 'ok' }]);
  const picture = await fetch(address + submitPost.post.pictures[0]?.thumbnailUrl);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp']);
});

test.skipIf(withoutKafka)('with Kafka, a post that is sent passes the topics into the graph', async () => {
  const folder = await temporaryFolder();
  const name = `submit-${Date.now()}`;
  const graph = `sqlite:${join(folder, 'graph.db')}`;
  const env = {
    KAFKA_BROKERS: await kafkaBrokers(),
    KAFKA_TOPIC_POSTS: `${name}-posts`,
    KAFKA_TOPIC_EXTRACTIONS: `${name}-extractions`,
    KAFKA_TOPIC_EVENTS: `${name}-events`,
    KAFKA_GROUP_PREFIX: name,
    KAFKA_PARTITIONS: '1',
  };
  expect((await runCli(['topics', 'create'], { env })).code).toBe(0);
  const [other, address] = await serve(folder, env);
  await using _other = other;
  const client = new GrapevineClient({ url: address });
  const { stats } = await client.query<{ stats: { eventCursor: string } }>('{ stats { eventCursor } }');
  const since = stats.eventCursor;
  const { submitPost } = await client.query<{ submitPost: { state: string; postId: string; userErrors: object[] } }>(
    'mutation ($input: PostInput!) { submitPost(input: $input) { state postId userErrors { code } } }',
    { input: { text: 'Mara Lindqvist joins Harbour Robotics' } },
  );
  expect(submitPost).toMatchObject({ state: 'QUEUED', userErrors: [] });
  await using _consumer = new RunningCli(['consume', 'all', '--graph', graph, '--http-port', '0'], { env });
  const follow = 'subscription ($since: String) { factEvents(since: $since) { cursor post { id text } } }';
  for await (const { factEvents } of client.subscribe<{ factEvents: { post: object } }>(follow, {}, { since })) {
    expect(factEvents.post).toEqual({ id: submitPost.postId, text: 'Mara Lindqvist joins Harbour Robotics' });
    break;
  }
});
