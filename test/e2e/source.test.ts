import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { PostRecord } from '../../src/domain/post.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { numberedId, numberedPost, StreamServer, type StreamServerOptions } from '../helpers/jetstream-server.ts';
import { answerJson, LineServer } from '../helpers/line-server.ts';
import { BLUESKY_POST, changed, MASTODON_STATUS, X_POST } from '../helpers/source-frames.ts';

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const idsIn = (stdout: string) =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as PostRecord).id);

const linesOf = (count: number) => new RegExp(`^(?:[^\\n]*\\n){${count}}`);

/** A Jetstream that sends post after post for as long as somebody reads, from the cursor or the first. */
function endlessJetstream(options: Partial<StreamServerOptions> = {}): Promise<StreamServer> {
  return StreamServer.start({
    serve: ({ socket, url }) => {
      const cursor = Number(url.searchParams.get('cursor') ?? numberedPost(1).time_us);
      let n = Math.max(1, Math.ceil((cursor - numberedPost(0).time_us) / 1000));
      const timer = setInterval(() => socket.send(JSON.stringify(numberedPost(n++))), 1);
      socket.on('close', () => clearInterval(timer));
    },
    ...options,
  });
}

async function settingsFor(server: StreamServer): Promise<{ env: Record<string, string>; folder: string }> {
  const folder = await temporaryFolder();
  return {
    env: { BLUESKY_URL: `ws://127.0.0.1:${server.port}/subscribe`, SOURCE_STATE_DIR: join(folder, 'state') },
    folder,
  };
}

describe('grapevine source … -', () => {
  test('prints records of the native format, then says what it did, and ends at its limit', async () => {
    const { env } = await settingsFor(await endlessJetstream());
    const { code, stdout, stderr } = await runCli(['source', 'bluesky', '-', '--limit', '5', '--json'], { env });
    expect([code, idsIn(stdout)]).toEqual([0, numbers(1, 5).map(numberedId)]);
    const summary = JSON.parse(stderr.trim()) as { cursor: string };
    expect(summary).toMatchObject({
      source: 'bluesky',
      produced: 5,
      ignored: {},
      rejected: {},
      connections: 1,
      disconnects: {},
    });
    expect(summary.cursor).toBe(String(numberedPost(5).time_us));
  });

  test('killed at any point and started again, it prints everything that came', async () => {
    const server = await endlessJetstream();
    const { env } = await settingsFor(server);
    const printed: (string | undefined)[] = [];
    for (let round = 0; round < 3; round++) {
      await using running = new RunningCli(['source', 'bluesky', '-'], { env });
      await running.waitFor(linesOf(100 + 60 * round));
      await running.end('SIGKILL');
      printed.push(...idsIn(running.stdout));
    }
    const last = Math.max(...printed.map((id) => Number(id?.split('/p')[1])));
    expect(new Set(printed)).toEqual(new Set(numbers(1, last).map(numberedId)));
    expect(server.connections).toHaveLength(3);
  });

  test('SIGTERM ends it with what it has, SIGINT with 130', async () => {
    const { env } = await settingsFor(await endlessJetstream());
    for (const [signal, code] of [
      ['SIGTERM', 0],
      ['SIGINT', 130],
    ] as const) {
      await using running = new RunningCli(['source', 'bluesky', '-', '--json'], { env });
      await running.waitFor(linesOf(5));
      expect(await running.end(signal)).toBe(code);
      expect(running.stderr).toContain(`"produced":${idsIn(running.stdout).length}`);
    }
  });

  test('a reader that has enough ends it without complaint', async () => {
    const { env } = await settingsFor(await endlessJetstream());
    const running = new RunningCli(['source', 'bluesky', '-', '--json'], { env });
    await running.waitFor(linesOf(5));
    running.child.stdout?.destroy();
    expect(await new Promise((resolve) => running.child.on('exit', resolve))).toBe(0);
    expect(running.stderr).toMatch(/^\{"source":"bluesky".*\}\n$/);
  });

  test('health, readiness and metrics tell the truth', async () => {
    let refusing = true;
    const server = await endlessJetstream({
      refuse: () => (refusing ? { status: 503, headers: { 'retry-after': '0' } } : undefined),
    });
    const { env } = await settingsFor(server);
    await using running = new RunningCli(['source', 'bluesky', '-', '--http-port', '0'], { env });
    const [, url] = (await running.waitFor(/health and metrics: (\S+)/)) as unknown as [string, string];
    await server.until(() => server.handshakes > 0);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'bluesky: not connected\n']);
    refusing = false;
    await running.waitFor(linesOf(5));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/grapevine_source_records_total\{source="bluesky"\} [1-9]/);
    expect(metrics).toMatch(/grapevine_source_disconnects_total\{source="bluesky",reason="http"\} [1-9]/);
    expect(metrics).toContain('grapevine_source_connections_total{source="bluesky"} 1');
  });

  test('what is chosen on the command line is asked for: collections, rules, hashtags', async () => {
    const jetstream = await StreamServer.start({
      serve: (connection) => connection.socket.send(JSON.stringify(BLUESKY_POST)),
    });
    const folder = await temporaryFolder();
    const end = ['--limit', '1', '--state', folder];
    const bluesky = [
      '--url',
      `ws://127.0.0.1:${jetstream.port}/subscribe`,
      '--collections',
      'app.bsky.feed.post, app.bsky.feed.repost',
    ];
    expect((await runCli(['source', 'bluesky', '-', ...bluesky, ...end])).code).toBe(0);
    expect(jetstream.connections[0]?.url.searchParams.getAll('wantedCollections')).toEqual([
      'app.bsky.feed.post',
      'app.bsky.feed.repost',
    ]);

    await writeFile(join(folder, 'rules.txt'), 'labs: #lab\n');
    const x = await LineServer.start(({ method, url }, response) => {
      if (url.pathname.endsWith('/rules')) answerJson(response, {}, method === 'GET' ? 200 : 201);
      else response.writeHead(200).write(`${JSON.stringify(X_POST)}\r\n`);
    });
    const rules = ['--url', `${x.url}/2/tweets/search/stream`, '--rules', join(folder, 'rules.txt')];
    await writeFile(join(folder, 'token'), 'from-a-file\n');
    const posted = await runCli(['source', 'x', '-', ...rules, ...end], {
      env: { X_BEARER_TOKEN_FILE: join(folder, 'token') },
    });
    expect([posted.code, idsIn(posted.stdout)]).toEqual([0, ['1900000000000000001']]);
    expect(x.requests[1]?.body).toBe('{"add":[{"value":"#lab","tag":"labs"}]}');
    expect(x.requests[2]?.headers.authorization).toBe('Bearer from-a-file');

    const told: string[] = [];
    const mastodon = await StreamServer.start({
      serve: ({ socket }) =>
        socket.on('message', (data: Buffer) => {
          if (told.push(data.toString()) === 2)
            socket.send(JSON.stringify({ event: 'update', payload: JSON.stringify(MASTODON_STATUS) }));
        }),
    });
    const tags = ['--url', `http://127.0.0.1:${mastodon.port}`, '--hashtags', '#oslo,bergen'];
    const tooted = await runCli(['source', 'mastodon', '-', ...tags, ...end]);
    expect(idsIn(tooted.stdout)).toEqual([`127.0.0.1:${mastodon.port}/109`]);
    expect(told.map((text) => (JSON.parse(text) as { tag: string }).tag)).toEqual(['oslo', 'bergen']);
    const followed = await runCli([
      'source',
      'mastodon',
      '-',
      ...tags.slice(0, 2),
      '--stream',
      'public:nowhere',
      ...end,
    ]);
    expect([followed.code, followed.stderr]).toEqual([2, expect.stringContaining('MASTODON_STREAM')]);
  });
});

test.each<[string, string[], Record<string, string>, RegExp]>([
  ['X without a token', ['x', '-'], {}, /X_BEARER_TOKEN is not set/],
  ['no Kafka and no pipe', ['bluesky'], {}, /KAFKA_BROKERS is not set; - prints/],
  ['a target that is none', ['bluesky', 'stdout'], {}, /expected - or nothing/],
  ['a limit that is none', ['bluesky', '-', '--limit', '0'], {}, /expected a number above 0/],
  [
    'a server in clear that is not this machine',
    ['mastodon', '-'],
    { MASTODON_URL: 'http://m.example' },
    /MASTODON_URL: expected https/,
  ],
  ['an address that is none', ['bluesky', '-', '--url', 'jetstream'], {}, /BLUESKY_URL: expected wss/],
  [
    'rules that are not there',
    ['x', '-', '--rules', '/nowhere'],
    { X_BEARER_TOKEN: 'a-secret' },
    /X_RULES_FILE: ENOENT/,
  ],
])('%s is wrong usage, said in a sentence', async (_, args, env, message) => {
  const cwd = await temporaryFolder();
  const { code, stdout, stderr } = await runCli(['source', ...args], { env, cwd });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/ {4}at |a-secret/);
});

describe('--format', () => {
  const files: Record<string, { lines: string[]; ids: string[] }> = {
    bluesky: {
      lines: [
        JSON.stringify(BLUESKY_POST),
        JSON.stringify(
          changed(BLUESKY_POST, {
            time_us: 1767323045000001,
            'commit.operation': 'delete',
            'commit.record': undefined,
          }),
        ),
        JSON.stringify({ did: 'did:plc:aaaa', time_us: 5, kind: 'identity' }),
        'no frame',
      ],
      ids: ['at://did:plc:aaaa/app.bsky.feed.post/3kabc', 'at://did:plc:aaaa/app.bsky.feed.post/3kabc'],
    },
    x: {
      lines: [
        `${JSON.stringify(X_POST)}\r`,
        '\r',
        JSON.stringify({
          data: { delete: { tweet: { id: '1900000000000000001' }, event_at: '2026-01-02T04:00:00.000Z' } },
        }),
        JSON.stringify({ errors: [{ title: 'operational-disconnect' }] }),
        'no frame',
      ],
      ids: ['1900000000000000001', '1900000000000000001'],
    },
    mastodon: {
      lines: [
        ':thump',
        'event: update',
        `data: ${JSON.stringify(MASTODON_STATUS)}`,
        '',
        JSON.stringify({ event: 'delete', payload: '109' }),
        JSON.stringify({ event: 'notification', payload: '{}' }),
        'no frame',
      ],
      ids: ['m.example/109', 'm.example/109'],
    },
  };

  test.each(Object.entries(files))(
    '%s frames are extracted and ingested as recorded',
    async (format, { lines, ids }) => {
      const folder = await temporaryFolder();
      const file = join(folder, 'frames.txt');
      await writeFile(file, `${lines.join('\n')}\n`);
      const env = { FETCH_IMAGES: 'false', MASTODON_URL: 'https://m.example' };
      const extracted = await runCli(['extract', file, '--format', format], { env });
      const extractions = extracted.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Extraction);
      expect(extractions.map(({ post }) => post.id)).toEqual(ids);
      expect(extractions.map(({ post }) => post.author?.id)).toEqual([
        extractions[0]?.post.author?.id,
        extractions[0]?.post.author?.id,
      ]);
      expect(extractions[1]).toMatchObject({ skipped: 'deleted', post: { deleted: true } });
      expect(extracted.stderr).toMatch(/rejected line \d: parse/);
      const ingested = await runCli(
        ['ingest', file, '--format', format, '--graph', `sqlite:${join(folder, 'x.db')}`, '--json'],
        { env },
      );
      const summary = JSON.parse(ingested.stdout) as { ignored: Record<string, number> };
      expect(summary).toMatchObject({ posts: 3, stored: 2, extracted: 1, rejected: { parse: 1 } });
      expect(Object.values(summary.ignored)).toEqual([1]);
    },
  );

  test('account events pass the model and are noted by the graph', async () => {
    const folder = await temporaryFolder();
    const event = {
      did: 'did:plc:aaaa',
      time_us: 1767323199000000,
      kind: 'account',
      account: { active: false, status: 'deleted' },
    };
    const { code, stdout } = await runCli(
      ['ingest', '-', '--format', 'bluesky', '--graph', `sqlite:${join(folder, 'x.db')}`, '--json'],
      {
        input: `${JSON.stringify(event)}\n`,
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ posts: 1, stored: 1, skipped: {}, rejected: {} });
  });
});
