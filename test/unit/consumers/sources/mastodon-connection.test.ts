import { describe, expect, test } from 'vitest';
import { MastodonDecoder } from '../../../../src/consumers/formats/mastodon.ts';
import {
  MastodonConnection,
  type MastodonConnectionOptions,
} from '../../../../src/consumers/sources/mastodon-connection.ts';
import { Followed, type FollowOptions } from '../../../helpers/follow.ts';
import { type ServerConnection, StreamServer, type StreamServerOptions } from '../../../helpers/jetstream-server.ts';
import { answerJson } from '../../../helpers/line-server.ts';
import { changed, MASTODON_STATUS } from '../../../helpers/source-frames.ts';

/** Ids carry the time in which they were given, as a server's do. */
const FIRST_ID = 115_000_000_000_000_000n;
const idOf = (n: number) => String(FIRST_ID + (BigInt(n) << 16n));
const status = (n: number) => changed(MASTODON_STATUS, { id: idOf(n), content: `<p>Post ${n}</p>` });
const postId = (n: number) => `m.example/${idOf(n)}`;
const send = ({ socket }: ServerConnection, event: string, payload: unknown) =>
  socket.send(
    JSON.stringify({
      stream: ['public'],
      event,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    }),
  );

/** A server that remembers what it was asked and what it was told. */
async function startServer(
  options: Omit<StreamServerOptions, 'answer'> & {
    streaming?: string;
    log?: readonly object[];
    timeline?: (count: number) => number;
  },
) {
  const asked: string[] = [];
  const told: string[] = [];
  const { log = [], serve, streaming, timeline = () => 200, ...rest } = options;
  const server = await StreamServer.start({
    ...rest,
    serve: (connection, count) => {
      connection.socket.on('message', (data: Buffer) => {
        told.push(data.toString());
        server.notify();
      });
      serve(connection, count);
    },
    answer: (request, response) => {
      const url = new URL(request.url ?? '/', 'http://server');
      asked.push(`${url.pathname}${url.search}`);
      if (url.pathname === '/api/v2/instance') {
        if (streaming === undefined) return void response.writeHead(404).end();
        return answerJson(response, { configuration: { urls: { streaming } } });
      }
      const code = timeline(asked.filter((path) => path.includes('/timelines/')).length);
      if (code !== 200) return answerJson(response, { error: 'Too many requests' }, code, { 'retry-after': '0' });
      const since = BigInt(url.searchParams.get('min_id') ?? '0');
      const later = log.filter((item) => BigInt((item as { id: string }).id) > since);
      answerJson(response, later.slice(0, 40).toReversed());
    },
  });
  return { server, asked, told };
}

function follow(
  server: StreamServer,
  options: Partial<FollowOptions> & { connection?: Partial<MastodonConnectionOptions> } = {},
): Promise<Followed> {
  const { connection, ...rest } = options;
  return Followed.start({
    connect: () =>
      new MastodonConnection({
        url: `http://127.0.0.1:${server.port}`,
        token: 'a-secret-token',
        streams: [{ stream: 'public' }],
        silenceMs: 30_000,
        maxFrameBytes: 100_000,
        ...connection,
      }),
    decoder: (state) => new MastodonDecoder({ host: 'm.example', owners: state.owners }),
    ...rest,
  });
}

test('subscribes with the token and delivers posts, edits and deletions', async () => {
  const { server, told } = await startServer({
    serve: (connection) => {
      send(connection, 'update', status(1));
      send(
        connection,
        'status.update',
        changed(status(1), { content: '<p>Better</p>', edited_at: '2026-01-02T03:09:05.000Z' }),
      );
      send(connection, 'delete', idOf(1));
      send(connection, 'delete', '7');
      send(connection, 'update', changed(status(2), { visibility: 'private' }));
    },
  });
  const streams = [
    { stream: 'hashtag', tag: 'oslo' },
    { stream: 'hashtag', tag: 'bergen' },
  ];
  const followed = await follow(server, { connection: { streams } });
  await followed.until(() => followed.records.length === 4);
  const author = { id: 'a@m.example' };
  expect(followed.records).toMatchObject([
    { id: postId(1), text: 'Post 1' },
    { id: postId(1), text: 'Better', version: '1767323345000' },
    { id: postId(1), deleted: true, author },
    { id: 'm.example/7', deleted: true },
  ]);
  await server.until(() => told.length === 2);
  expect(told.map((text) => JSON.parse(text) as unknown)).toEqual(
    streams.map((stream) => ({ type: 'subscribe', ...stream })),
  );
  const [{ url, headers }] = server.connections as [ServerConnection];
  expect([url.pathname, url.search, headers.authorization]).toEqual(['/api/v1/streaming', '', 'Bearer a-secret-token']);
});

test('goes where the server says that it streams', async () => {
  const streaming = await startServer({ serve: (connection) => send(connection, 'update', status(1)) });
  const { server } = await startServer({
    streaming: `ws://127.0.0.1:${streaming.server.port}/ignored`,
    serve: () => {},
  });
  const followed = await follow(server);
  await followed.until(() => followed.records.length === 1);
  expect(streaming.server.connections).toHaveLength(1);
  expect(server.connections).toHaveLength(0);
});

test('stays where it is when told to go to what is no such address', async () => {
  const { server } = await startServer({
    streaming: 'file:///etc/passwd',
    serve: (connection) => send(connection, 'update', status(1)),
  });
  const followed = await follow(server);
  await followed.until(() => followed.records.length === 1);
});

describe('what was missed', () => {
  const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  test('while the connection was broken is asked of the timeline, page by page, before reading on', async () => {
    const { server, asked } = await startServer({
      log: numbers(1, 100).map(status),
      serve: (connection, count) => {
        if (count > 1) return send(connection, 'update', status(101));
        for (const n of numbers(1, 3)) send(connection, 'update', status(n));
        connection.socket.close();
      },
    });
    const followed = await follow(server, { connection: { streams: [{ stream: 'public:local:media' }] } });
    await followed.until(() => followed.ids.includes(postId(101)));
    expect(new Set(followed.ids)).toEqual(new Set(numbers(1, 101).map(postId)));
    expect(followed.ids.at(-1)).toBe(postId(101));
    const pages = asked.filter((path) => path.startsWith('/api/v1/timelines/public?'));
    expect(pages).toHaveLength(3);
    expect(pages[0]).toContain('local=true&only_media=true');
  });

  test('while the process was gone is asked of the timeline; authors of before are known', async () => {
    const { server, asked } = await startServer({
      log: numbers(5, 9).map(status),
      serve: (connection, count) =>
        count === 1 ? send(connection, 'update', status(4)) : send(connection, 'delete', idOf(4)),
    });
    const connection = { streams: [{ stream: 'hashtag', tag: 'søndag' }] };
    const first = await follow(server, { connection });
    await first.until(() => first.records.length === 1);
    await first.stop();
    const second = await follow(server, { folder: first.folder, connection });
    await second.until(() => second.records.some((record) => record.deleted));
    expect(second.ids).toEqual([...numbers(5, 9), 4].map(postId));
    expect(second.records.at(-1)).toEqual({
      id: postId(4),
      platform: 'mastodon',
      author: { id: 'a@m.example' },
      deleted: true,
    });
    // Posts of other servers come late: a minute before the last one is asked for again.
    const minute = BigInt(60_000) << 16n;
    expect(asked.at(-1)).toBe(`/api/v1/timelines/tag/s%C3%B8ndag?min_id=${BigInt(idOf(4)) - minute}&limit=40`);
  });

  test('in several streams is delivered oldest first over all of them, so that a break in between loses nothing', async () => {
    let broken = false;
    const { server, asked } = await startServer({
      log: numbers(2, 90).map(status),
      // The third page fails: the first stream is through by then, were it asked alone.
      timeline: (count) => {
        if (count !== 4) return 200;
        broken = true;
        return 503;
      },
      serve: (connection, count) => {
        if (count > 1) return;
        send(connection, 'update', status(1));
        connection.socket.close();
      },
    });
    const streams = ['oslo', 'bergen'].map((tag) => ({ stream: 'hashtag', tag }));
    const followed = await follow(server, { connection: { streams } });
    await followed.until(() => followed.ids.includes(postId(90)));
    expect(broken).toBe(true);
    expect(followed.disconnects.map(({ reason }) => reason)).toEqual(['closed', 'http']);
    // Each once, although both streams have it; those of the page before the break, and of the minute before, again.
    expect(new Set(followed.ids)).toEqual(new Set(numbers(1, 90).map(postId)));
    const [before, after] = [followed.ids.slice(0, 41), followed.ids.slice(41)];
    expect(before).toEqual(numbers(1, 41).map(postId));
    expect(after).toEqual(numbers(2, 90).map(postId));
    expect(asked.filter((path) => path.includes('/tag/bergen')).length).toBeGreaterThan(2);
  });

  test('a timeline that limits its rate is waited for, and asked again', async () => {
    const { server } = await startServer({
      log: numbers(1, 5).map(status),
      timeline: (count) => (count === 1 ? 429 : 200),
      serve: (connection, count) => {
        if (count > 1) return;
        send(connection, 'update', status(1));
        connection.socket.close();
      },
    });
    const followed = await follow(server);
    await followed.until(() => followed.ids.includes(postId(5)));
    expect(followed.disconnects.map(({ reason }) => reason)).toEqual(['closed', 'rate_limited']);
  });
});

test('a refused token ends the source and is not shown', async () => {
  const { server } = await startServer({
    refuse: () => ({ status: 401, body: '{"error":"The access token is invalid"}' }),
    serve: () => {},
  });
  const followed = await follow(server);
  const error = await followed.ended().catch((reason: Error) => reason);
  expect(error).toMatchObject({
    code: 'SOURCE_REFUSED',
    message: expect.stringContaining('401 (The access token is invalid)'),
  });
  expect(String(error)).not.toContain('secret');
});
