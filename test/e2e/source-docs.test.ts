import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/folder.ts';
import { numberedPost, StreamServer } from '../helpers/jetstream-server.ts';
import { kafkaBrokers, randomName, withoutKafka } from '../helpers/kafka-broker.ts';
import { answerJson, LineServer } from '../helpers/line-server.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';
import { changed, MASTODON_STATUS, X_POST } from '../helpers/source-frames.ts';

test('the commands of the page of live sources do what they say', async () => {
  const folder = await temporaryFolder();
  for (const name of ['x-token.txt', 'mastodon-token.txt']) await writeFile(join(folder, name), 'a-token\n');
  const bluesky = await StreamServer.start({
    serve: ({ socket }) => {
      for (let n = 1; n <= 30; n++)
        socket.send(JSON.stringify(changed(numberedPost(n), { 'commit.record.embed': undefined })));
    },
  });
  const x = await LineServer.start(({ method, url }, response) => {
    if (url.pathname.endsWith('/rules')) answerJson(response, {}, method === 'GET' ? 200 : 201);
    else response.writeHead(200).write(`${JSON.stringify(X_POST)}\r\n`);
  });
  const mastodon = await StreamServer.start({
    serve: ({ socket }) => socket.send(JSON.stringify({ event: 'update', payload: JSON.stringify(MASTODON_STATUS) })),
    answer: ({ url }, response) => answerJson(response, url?.includes('/timelines/') ? [MASTODON_STATUS] : {}),
  });
  const topics = Object.fromEntries(
    ['POSTS', 'EXTRACTIONS', 'EVENTS'].map((name) => [`KAFKA_TOPIC_${name}`, randomName('t')]),
  );
  const scripts = scriptsOf('docs/sources.md').filter((script) => !withoutKafka || !script.includes('topics create'));
  const { code, stdout, stderr } = await bash([...scripts, 'cat posts.jsonl'].join('\n'), folder, {
    BLUESKY_URL: `ws://127.0.0.1:${bluesky.port}/subscribe`,
    X_STREAM_URL: `${x.url}/2/tweets/search/stream`,
    MASTODON_URL: `http://127.0.0.1:${mastodon.port}`,
    ...(!withoutKafka && { KAFKA_BROKERS: await kafkaBrokers(), ...topics }),
  });
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  expect(stdout).toMatch(/stored +20\n/);
  if (!withoutKafka) expect(stdout).toMatch(/"produced":20,/);
  expect(stdout.match(/^\{"id":/gm)).toHaveLength(3);
  expect(JSON.parse(x.requests[1]?.body ?? '')).toEqual({
    add: [{ value: '#lab has:images lang:en', tag: 'labs' }, { value: 'from:newsdesk' }],
  });
});
