import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { XDecoder } from '../../../../src/consumers/formats/x.ts';
import { XConnection, type XConnectionOptions } from '../../../../src/consumers/sources/x-connection.ts';
import { parseXRules } from '../../../../src/consumers/sources/x-rules.ts';
import { Followed, type FollowOptions } from '../../../helpers/follow.ts';
import { answerJson, LineServer } from '../../../helpers/line-server.ts';
import { changed, X_POST } from '../../../helpers/source-frames.ts';

const STREAM = '/2/tweets/search/stream';
const post = (n: number) => changed(X_POST, { 'data.id': String(n), 'data.edit_history_tweet_ids': [String(n)] });
const line = (frame: unknown) => `${JSON.stringify(frame)}\r\n`;
const open = (response: ServerResponse, ...parts: string[]) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (const part of parts) response.write(part);
};

function follow(
  server: LineServer,
  options: Partial<FollowOptions> & { connection?: Partial<XConnectionOptions> } = {},
): Promise<Followed> {
  const { connection, ...rest } = options;
  return Followed.start({
    connect: () =>
      new XConnection({
        url: `${server.url}${STREAM}`,
        token: 'a-secret-token',
        backfillMinutes: 0,
        silenceMs: 30_000,
        maxFrameBytes: 100_000,
        ...connection,
      }),
    decoder: (state) => new XDecoder(state.owners),
    ...rest,
  });
}

test('asks with the token for all that is read, and delivers posts between keep-alives', async () => {
  const server = await LineServer.start((_, response) =>
    open(response, '\r\n', line(post(1)), '\r\n', '\r\n', line(post(2)), '\r\n'),
  );
  const followed = await follow(server);
  await followed.until(() => followed.records.length === 2);
  expect(followed.ids).toEqual(['1', '2']);
  const [{ url, headers }] = server.requests as [LineServer['requests'][0]];
  expect(headers.authorization).toBe('Bearer a-secret-token');
  expect(url.searchParams.get('expansions')).toContain('attachments.media_keys');
  expect(url.searchParams.get('tweet.fields')).toContain('edit_history_tweet_ids');
  expect(url.searchParams.get('media.fields')).toContain('alt_text');
  expect(url.searchParams.has('backfill_minutes')).toBe(false);
  expect(followed.rejected.counts).toEqual({});
});

test('a post cut into many pieces is whole', async () => {
  const server = await LineServer.start((_, response) => {
    open(response);
    const bytes = Buffer.from(line(changed(post(1), { 'data.text': 'Zoë ⚽ 😀' })));
    for (let at = 0; at < bytes.length; at += 3) response.write(bytes.subarray(at, at + 3));
  });
  const followed = await follow(server);
  await followed.until(() => followed.records.length === 1);
  expect(followed.posts[0]?.text).toBe('Zoë ⚽ 😀');
});

describe('a stream that breaks is asked for again; half a line is dropped', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['ended', (response) => void response.end(line(post(2)).slice(0, 100))],
    ['reset', (response) => void response.write(line(post(2)).slice(0, 100), () => response.socket?.resetAndDestroy())],
  ])('%s', async (_, breakOff) => {
    const server = await LineServer.start((_request, response, count) => {
      if (count > 1) return open(response, line(post(2)), line(post(3)));
      open(response, line(post(1)));
      breakOff(response);
    });
    const followed = await follow(server);
    await followed.until(() => followed.records.length === 3);
    expect(followed.ids).toEqual(['1', '2', '3']);
    expect(followed.rejected.counts).toEqual({});
  });
});

test('what is too large or is no post is refused by name, what is wrong with the stream is ignored', async () => {
  const server = await LineServer.start((_, response) =>
    open(
      response,
      line({ ...post(1), padding: 'x'.repeat(5000) }),
      'no JSON\r\n',
      line({ errors: [{ title: 'operational-disconnect' }] }),
      line(post(2)),
    ),
  );
  const followed = await follow(server, { connection: { maxFrameBytes: 4000 } });
  await followed.until(() => followed.records.length === 1);
  expect(followed.ids).toEqual(['2']);
  expect(followed.rejected.counts).toEqual({ too_large: 1, parse: 1 });
  expect(await followed.telemetry.registry.metrics()).toContain(
    'records_ignored_total{reason="source_error",stage="source"} 1',
  );
});

describe('the watchdog', () => {
  test('leaves a stream without posts and keep-alives', async () => {
    const server = await LineServer.start((_, response, count) =>
      count === 1 ? open(response, '\r\n') : open(response, line(post(1))),
    );
    const followed = await follow(server, { connection: { silenceMs: 300 } });
    await followed.until(() => followed.records.length === 1);
    expect(followed.disconnects[0]).toMatchObject({ reason: 'silent' });
  });

  test('keeps one that is slow because its posts are not taken', async () => {
    const release: (() => void)[] = [];
    const server = await LineServer.start((_, response) =>
      open(response, ...Array.from({ length: 30 }, (_item, n) => line(post(n)))),
    );
    const followed = await follow(server, {
      window: 2,
      connection: { silenceMs: 300 },
      sink: () => new Promise((resolve) => release.push(resolve)),
    });
    await followed.until(() => followed.records.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(followed.disconnects).toEqual([]);
    const letGo = setInterval(() => release.shift()?.(), 1);
    await followed.until(() => followed.records.length === 30);
    clearInterval(letGo);
  });
});

describe('what X answers instead of a stream', () => {
  test('429 is waited for until its limit begins anew', async () => {
    const reset = String(Math.ceil(Date.now() / 1000) - 5);
    const server = await LineServer.start((_, response, count) => {
      if (count > 1) open(response, line(post(1)));
      else
        answerJson(response, { title: 'Too Many Requests', detail: 'slow down' }, 429, { 'x-rate-limit-reset': reset });
    });
    const followed = await follow(server, { times: { networkMs: 3, rateLimitMs: 1_000_000 } });
    await followed.until(() => followed.records.length === 1);
    expect(followed.disconnects).toMatchObject([{ reason: 'rate_limited', delayMs: 3 }]);
  });

  test('401 ends the source and says why, without the token', async () => {
    const server = await LineServer.start((_, response) =>
      answerJson(response, { title: 'Unauthorized', detail: 'Unauthorized' }, 401),
    );
    const followed = await follow(server);
    const error = await followed.ended().catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'SOURCE_REFUSED', message: expect.stringContaining('401 (Unauthorized') });
    expect(String(error)).not.toContain('secret');
  });
});

test('a gap is filled as far as is allowed, by the time it lasted', async () => {
  const server = await LineServer.start((_, response) => open(response, line(post(1))));
  const first = await follow(server);
  await first.until(() => first.records.length === 1);
  await first.stop();
  const again = await follow(server, { folder: first.folder, rewindMs: 130_000, connection: { backfillMinutes: 5 } });
  await again.until(() => again.records.length === 1);
  expect(server.requests[1]?.url.searchParams.get('backfill_minutes')).toBe('3');
  await again.stop();
  await follow(server, { folder: first.folder, rewindMs: 3_600_000, connection: { backfillMinutes: 5 } });
  await server.until(() => server.requests.length === 3);
  expect(server.requests[2]?.url.searchParams.get('backfill_minutes')).toBe('5');
});

describe('rules', () => {
  test('become those of the file, before the stream is read: others are deleted, missing ones added, equal ones left', async () => {
    const server = await LineServer.start(({ method, url, body }, response) => {
      if (url.pathname === STREAM) return open(response, line(post(1)));
      if (method === 'GET') {
        return answerJson(response, {
          data: [
            { id: '1', value: 'cats', tag: 'pets' },
            { id: '2', value: 'from:newsdesk' },
          ],
        });
      }
      answerJson(response, { meta: { summary: {} }, data: JSON.parse(body) }, body.includes('add') ? 201 : 200);
    });
    const rules = parseXRules('# people\nfrom:newsdesk\n\nlabs: #lab has:images\n');
    const followed = await follow(server, { connection: { rules } });
    await followed.until(() => followed.records.length === 1);
    expect(server.requests.map(({ method, url, body }) => [method, url.pathname, body && JSON.parse(body)])).toEqual([
      ['GET', `${STREAM}/rules`, ''],
      ['POST', `${STREAM}/rules`, { delete: { ids: ['1'] } }],
      ['POST', `${STREAM}/rules`, { add: [{ value: '#lab has:images', tag: 'labs' }] }],
      ['GET', STREAM, ''],
    ]);
  });

  test('that X does not take end the source with what it says', async () => {
    const errors = [{ title: 'UnprocessableEntity', value: 'has:dreams', details: ['Reference to invalid operator'] }];
    const server = await LineServer.start(({ method }, response) =>
      method === 'GET' ? answerJson(response, { meta: {} }) : answerJson(response, { errors }, 400),
    );
    const followed = await follow(server, { connection: { rules: parseXRules('has:dreams') } });
    await expect(followed.ended()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('has:dreams: Reference to invalid operator'),
    });
  });

  test.each([
    ['none', '# nothing\n'],
    ['too many', 'a\n'.repeat(1001)],
    ['too long', 'a'.repeat(1025)],
  ])('of a file are refused: %s', (_, text) => expect(() => parseXRules(text)).toThrow(/reading the rules of X/));
});
