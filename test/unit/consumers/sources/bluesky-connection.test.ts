import { describe, expect, test } from 'vitest';
import { BlueskyDecoder } from '../../../../src/consumers/formats/bluesky.ts';
import { BlueskyConnection } from '../../../../src/consumers/sources/bluesky-connection.ts';
import { Followed, type FollowOptions } from '../../../helpers/follow.ts';
import {
  numberedId,
  numberedPost,
  type ServerConnection,
  StreamServer,
  sendFrom,
} from '../../../helpers/jetstream-server.ts';
import { BLUESKY_POST } from '../../../helpers/source-frames.ts';

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const log = numbers(1, 20).map(numberedPost);
const send = ({ socket }: ServerConnection, ...frames: unknown[]) => {
  for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
};

function follow(
  server: StreamServer,
  options: Partial<FollowOptions> & { path?: string; silenceMs?: number; maxFrameBytes?: number } = {},
) {
  const { path = '/subscribe', silenceMs = 30_000, maxFrameBytes = 100_000, ...rest } = options;
  return Followed.start({
    connect: () =>
      new BlueskyConnection({
        url: `ws://127.0.0.1:${server.port}${path}`,
        collections: ['app.bsky.feed.post', 'app.bsky.feed.repost'],
        silenceMs,
        maxFrameBytes,
      }),
    decoder: () => new BlueskyDecoder(),
    ...rest,
  });
}

test('asks for its collections and delivers posts, deletions and account events; others are counted', async () => {
  const server = await StreamServer.start({
    serve: (connection) =>
      send(
        connection,
        BLUESKY_POST,
        { did: 'did:plc:aaaa', time_us: 1767323045000001, kind: 'identity', identity: {} },
        { ...BLUESKY_POST, commit: { operation: 'delete', collection: 'app.bsky.feed.post', rkey: '3kabc' } },
        {
          did: 'did:plc:aaaa',
          time_us: 1767323045000002,
          kind: 'account',
          account: { active: false, status: 'deleted' },
        },
        'no JSON',
      ),
  });
  const followed = await follow(server);
  await followed.until(() => followed.records.length === 3 && followed.rejected.total === 1);
  expect(followed.records.map((record) => record.event ?? (record.deleted ? 'deleted' : 'post'))).toEqual([
    'post',
    'deleted',
    'account.deleted',
  ]);
  expect(followed.rejected.counts).toEqual({ parse: 1 });
  const [{ url }] = server.connections as [ServerConnection];
  expect(url.searchParams.getAll('wantedCollections')).toEqual(['app.bsky.feed.post', 'app.bsky.feed.repost']);
  expect(url.searchParams.has('cursor')).toBe(false);
  const metrics = await followed.telemetry.registry.metrics();
  expect(metrics).toContain('grapevine_records_ignored_total{reason="identity",stage="source"} 1');
});

test('version 2 has its own names and subprotocol', async () => {
  const server = await StreamServer.start({
    serve: (connection) => send(connection, { $type: 'message', payload: { $type: 'x#info' } }),
  });
  const followed = await follow(server, { path: '/xrpc/network.bsky.jetstream.subscribeEvents' });
  await server.until(() => server.connections.length === 1);
  const [{ url, headers }] = server.connections as [ServerConnection];
  expect(url.searchParams.getAll('collections')).toHaveLength(2);
  expect(headers['sec-websocket-protocol']).toBe('xrpc.v1.json');
  await followed.stop();
});

describe('a connection that breaks is made again where it was, and nothing is lost', () => {
  test.each<[string, (connection: ServerConnection) => void]>([
    ['closed by the server', ({ socket }) => socket.close(1001)],
    ['dropped', ({ wire }) => wire.destroy()],
    [
      'broken in the middle of a frame',
      ({ wire }) => {
        // A text frame that says it has 1,000 bytes, and 40 of them.
        wire.write(
          Buffer.concat([Buffer.from([0x81, 126, 0x03, 0xe8]), Buffer.from(JSON.stringify(log[5]).slice(0, 40))]),
        );
        setImmediate(() => wire.end());
      },
    ],
    ['sending what no WebSocket is', ({ wire }) => void wire.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))],
  ])('%s', async (_, breakOff) => {
    const server = await StreamServer.start({
      serve: (connection, count) => {
        if (count > 1) return sendFrom(connection, log);
        send(connection, ...log.slice(0, 5));
        breakOff(connection);
      },
    });
    const followed = await follow(server);
    await followed.until(() => followed.ids.includes(numberedId(20)));
    // The cursor is inclusive: the last frame comes again, which every reader bears.
    expect(followed.ids).toEqual([...numbers(1, 5), ...numbers(5, 20)].map(numberedId));
    expect(server.connections[1]?.url.searchParams.get('cursor')).toBe(String(log[4]?.time_us));
    expect(followed.rejected.total).toBe(0);
  });
});

test('frames that come twice or out of order are all delivered, in the order they came', async () => {
  const order = [3, 1, 2, 2, 3, 1];
  const server = await StreamServer.start({ serve: (connection) => send(connection, ...order.map(numberedPost)) });
  const followed = await follow(server);
  await followed.until(() => followed.records.length === order.length);
  expect(followed.ids).toEqual(order.map(numberedId));
});

describe('frames that are too large', () => {
  const large = (bytes: number) => ({ ...numberedPost(2), padding: 'x'.repeat(bytes) });

  test('are refused by name, and the stream goes on', async () => {
    const server = await StreamServer.start({
      serve: (connection) => send(connection, numberedPost(1), large(5000), numberedPost(3)),
    });
    const followed = await follow(server, { maxFrameBytes: 4000 });
    await followed.until(() => followed.records.length === 2);
    expect(followed.ids).toEqual([1, 3].map(numberedId));
    expect(followed.rejected.counts).toEqual({ too_large: 1 });
    expect(followed.disconnects).toEqual([]);
  });

  test('beyond any reason end the connection before they fill the memory', async () => {
    const server = await StreamServer.start({
      serve: (connection, count) => send(connection, count === 1 ? large(80_000) : numberedPost(3)),
    });
    const followed = await follow(server, { maxFrameBytes: 4000 });
    await followed.until(() => followed.records.length === 1);
    expect(followed.disconnects).toMatchObject([
      { reason: 'network', message: expect.stringMatching(/payload size/i) },
    ]);
  });
});

describe('the watchdog', () => {
  test('leaves a connection that gives no sign of life', async () => {
    const server = await StreamServer.start({
      autoPong: false,
      serve: (connection, count) => count > 1 && send(connection, numberedPost(1)),
    });
    const followed = await follow(server, { silenceMs: 150 });
    await followed.until(() => followed.records.length === 1);
    expect(followed.disconnects[0]).toMatchObject({ reason: 'silent' });
  });

  test('keeps one that has nothing to say but answers', async () => {
    const server = await StreamServer.start({ serve: () => {} });
    const followed = await follow(server, { silenceMs: 200 });
    await server.until(() => (server.connections[0]?.pings ?? 0) >= 10);
    expect(server.connections).toHaveLength(1);
    expect(followed.disconnects).toEqual([]);
  });
});

describe('what the server answers instead of a stream', () => {
  test('429 is waited for as long as it says', async () => {
    const server = await StreamServer.start({
      refuse: (count) =>
        count === 1 ? { status: 429, headers: { 'retry-after': '0' }, body: 'slow down' } : undefined,
      serve: (connection) => send(connection, numberedPost(1)),
    });
    const followed = await follow(server, { times: { rateLimitMs: 1_000_000, networkMs: 7 } });
    await followed.until(() => followed.records.length === 1);
    expect(followed.disconnects).toMatchObject([
      { reason: 'rate_limited', delayMs: 7, message: expect.stringContaining('429 (slow down)') },
    ]);
  });

  test('503 is tried again', async () => {
    const server = await StreamServer.start({
      refuse: (count) => (count < 3 ? { status: 503 } : undefined),
      serve: (connection) => send(connection, numberedPost(1)),
    });
    const followed = await follow(server);
    await followed.until(() => followed.records.length === 1);
    expect(followed.disconnects.map(({ reason }) => reason)).toEqual(['http', 'http']);
  });

  test('400 ends the source, because waiting does not mend it', async () => {
    const server = await StreamServer.start({
      refuse: () => ({ status: 400, body: '{"error":"InvalidRequest","message":"bad collection"}' }),
      serve: () => {},
    });
    const followed = await follow(server);
    await expect(followed.ended()).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
      message: expect.stringContaining('400 (InvalidRequest: bad collection)'),
    });
  });
});

test('a sink that takes nothing stops the reading: what is held is bounded', async () => {
  let sent = 0;
  const server = await StreamServer.start({
    serve: ({ socket }) => {
      const more = () => {
        if (socket.readyState !== socket.OPEN || sent >= 200_000) return;
        for (let i = 0; i < 100; i++) socket.send(JSON.stringify(numberedPost(++sent)));
        if (socket.bufferedAmount < 1 << 20) setImmediate(more);
        else server.notify();
      };
      more();
    },
  });
  const followed = await follow(server, { window: 8, sink: () => new Promise(() => {}) });
  // The server has more than a megabyte that nobody reads.
  await server.until(() => (server.connections[0]?.socket.bufferedAmount ?? 0) > 1 << 20);
  expect(followed.records).toHaveLength(8);
  expect(sent).toBeLessThan(100_000);
});

describe('the kept cursor', () => {
  test('passes only frames whose records and all before them are safe', async () => {
    const release: (() => void)[] = [];
    const server = await StreamServer.start({
      serve: (connection) => send(connection, ...log.slice(0, 4)),
    });
    const followed = await follow(server, { sink: () => new Promise((resolve) => release.push(resolve)) });
    await followed.until(() => followed.records.length === 4);
    release[3]?.();
    release[1]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(followed.live.cursor).toBeUndefined();
    release[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(followed.live.cursor).toBe(String(log[1]?.time_us));
    release[2]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(followed.live.cursor).toBe(String(log[3]?.time_us));
  });

  test('is where the next run begins: what was not safe comes again', async () => {
    const server = await StreamServer.start({
      serve: (connection) => {
        if (connection.url.searchParams.has('cursor')) sendFrom(connection, log);
        else send(connection, ...log);
      },
    });
    const first = await follow(server, {
      window: 3,
      sink: (record) => (record.id === numberedId(7) ? new Promise(() => {}) : Promise.resolve()),
    });
    await first.until(() => first.ids.includes(numberedId(9)));
    void first.stop();
    await first.live[Symbol.asyncDispose]();
    const second = await follow(server, { folder: first.folder });
    await second.until(() => second.ids.includes(numberedId(20)));
    expect(second.ids).toEqual(numbers(6, 20).map(numberedId));
  });

  test('goes back a little at another server, and as far as a reader may have lost', async () => {
    const server = await StreamServer.start({ serve: (connection) => send(connection, numberedPost(1)) });
    const first = await follow(server);
    await first.until(() => first.records.length === 1);
    await first.stop();
    const at = numberedPost(1).time_us;
    const other = await StreamServer.start({ serve: () => {} });
    const second = await follow(other, { folder: first.folder });
    await other.until(() => other.connections.length === 1);
    expect(other.connections[0]?.url.searchParams.get('cursor')).toBe(String(at - 10_000_000));
    await second.stop();
    await follow(server, { folder: first.folder, rewindMs: 60_000 });
    await server.until(() => server.connections.length === 2);
    expect(server.connections[1]?.url.searchParams.get('cursor')).toBe(String(at - 60_000_000));
  });
});
