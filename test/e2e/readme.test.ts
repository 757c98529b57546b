import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { temporaryFolder } from '../helpers/folder.ts';
import { numberedPost, StreamServer } from '../helpers/jetstream-server.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';
import { changed } from '../helpers/source-frames.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const blocks = scriptsOf('README.md');

test('the quick start is the two commands that other tests and CI run', () => {
  expect(blocks[0]).toBe('npm start\nnpm test\n');
  expect(readFileSync(`${ROOT}.ci/run`, 'utf8')).toMatch(/^npm test$/m);
});

test('npm start brings the demo up', async () => {
  const { code, stdout, stderr } = await bash(
    `npm start -- --fast --no-open --port 0 > out.txt & until grep -q 'stays up' out.txt; do sleep 0.2; done; cat out.txt
     url=$(grep -o 'http://[^ ]*' out.txt | head -n 1); curl -fsS "$url" -H 'content-type: application/json' -d '{"query": "{ stats { posts } }"}'`,
    await temporaryFolder(),
  );
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  expect(stdout).toMatch(/posts in .* a second/);
  expect(stdout).toMatch(/"stats":\{"posts":\d+\}/);
});

const scripted = blocks.slice(1);
const withServers = available().ok ? scripted : scripted.filter((block) => !block.includes('services'));

test('every other command of the README does what it says', { timeout: 600_000 }, async () => {
  expect(scripted.length).toBe(5);
  // The public stream, as this machine can have it.
  const live = await StreamServer.start({
    serve: ({ socket }) => {
      for (let n = 1; n <= 400; n++)
        socket.send(JSON.stringify(changed(numberedPost(n), { 'commit.record.embed': undefined })));
    },
  });
  const variables = { BLUESKY_URL: `ws://127.0.0.1:${live.port}/subscribe` };
  const { code, stdout, stderr } = await bash(withServers.join('\n'), await temporaryFolder(), variables);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  const extractions = stdout.split('\n').filter((line) => line.startsWith('{"schema":1'));
  expect(extractions).toHaveLength(2);
  expect(stdout).toMatch(/stored +2\n/);
  expect(stdout).toMatch(/stored +300\n/);
  expect(stdout).toMatch(/^[0-9a-f]{64}$/m);
  expect(stdout).toMatch(/"totalCount":[1-9]/);
  if (available().ok) {
    expect(stdout).toMatch(/extractions\.dlt: created/);
    expect(stdout).toMatch(/consuming: extract, upsert, alert/);
  }
});
