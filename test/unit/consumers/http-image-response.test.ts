import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { MockAgent } from 'undici';
import { describe, expect, test } from 'vitest';
import { fetchPicture } from '../../../src/consumers/images/fetch-picture.ts';
import { loopbackLoader, startPictureServer } from '../../helpers/picture-server.ts';

const PICTURE = Buffer.from('\u0089PNG and so on', 'latin1');

test('gives the bytes and their hash, and tells the host nothing it need not know', async () => {
  await using server = await startPictureServer((_request, response) => {
    response.setHeader('set-cookie', 'id=1').setHeader('content-type', 'text/html').end(PICTURE);
  });
  await using loader = loopbackLoader();
  expect(await loader.load(`${server.url}/a.png?size=large#part`)).toEqual({
    bytes: PICTURE,
    sha256: createHash('sha256').update(PICTURE).digest('hex'),
  });
  await loader.load(`${server.url}/b.png`);
  expect(server.requests[0]?.url).toBe('/a.png?size=large');
  expect(server.requests[1]?.headers).toEqual({
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    accept: 'image/jpeg,image/png,image/webp,image/gif',
    'accept-encoding': 'identity',
    'user-agent': 'grapevine',
  });
});

describe('redirects', () => {
  test('up to three are followed', async () => {
    await using server = await startPictureServer((request, response) => {
      const hop = Number(request.url?.slice(1));
      if (hop === 0) response.end(PICTURE);
      else response.writeHead([301, 302, 307, 308][hop] ?? 303, { location: `/${hop - 1}` }).end('moved');
    });
    await using loader = loopbackLoader();
    expect(await loader.load(`${server.url}/3`)).toHaveProperty('bytes');
    expect(await loader.load(`${server.url}/4`)).toEqual({ outcome: 'too_many_redirects' });
  });

  test('a loop ends', async () => {
    await using server = await startPictureServer((_request, response) => redirect(response, '/'));
    await using loader = loopbackLoader();
    expect(await loader.load(server.url)).toEqual({ outcome: 'too_many_redirects' });
    expect(server.requests).toHaveLength(4);
  });

  test.each([
    'http://127.0.0.2:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    '//[::1]:PORT/',
    'http://internal.example:PORT/',
    'file:///etc/passwd',
    'http://user:pw@127.0.0.1:PORT/',
    'http://127.0.0.1:99999/',
    'http://',
  ])('%s is no place to be sent to', async (target) => {
    await using inner = await startPictureServer((_request, response) => response.end('secret'), '127.0.0.2');
    await using server = await startPictureServer((_request, response) => {
      redirect(response, target.replace('PORT', String(inner.port)));
    });
    await using loader = loopbackLoader({ resolve: async () => [{ address: '127.0.0.2', family: 4 }] });
    expect(await loader.load(server.url)).toEqual({ outcome: 'blocked_redirect' });
    expect(inner.connections()).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  test('one without a target, and a status that is none, are blocked', async () => {
    for (const status of [302, 300, 304]) {
      await using server = await startPictureServer((_request, response) => response.writeHead(status).end());
      await using loader = loopbackLoader();
      expect(await loader.load(server.url)).toEqual({ outcome: 'blocked_redirect' });
    }
  });

  test('https never becomes http; the other way round is followed', async () => {
    const dispatcher = new MockAgent();
    dispatcher.disableNetConnect();
    const [secure, plain] = [dispatcher.get('https://a.example'), dispatcher.get('http://b.example')];
    secure.intercept({ path: '/down' }).reply(302, '', { headers: { location: 'http://b.example/x' } });
    plain.intercept({ path: '/up' }).reply(302, '', { headers: { location: 'https://a.example/ok' } });
    secure.intercept({ path: '/ok' }).reply(200, 'picture');
    const signal = AbortSignal.timeout(10_000);
    const rules = { allowAddress: () => true, allowPort: () => true };
    const fetch = (url: string) => fetchPicture(new URL(url), { dispatcher, rules, maxBytes: 100, signal });
    expect(await fetch('https://a.example/down')).toEqual({ outcome: 'insecure_redirect' });
    expect(await fetch('http://b.example/up')).toHaveProperty('bytes');
    await dispatcher.close();
  });
});

describe('bodies', () => {
  test('one that never ends is cut at the limit, and its connection with it', async () => {
    let closed = () => {};
    const ended = new Promise<void>((resolve) => (closed = resolve));
    await using server = await startPictureServer((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more).on('close', closed);
      more();
    });
    await using loader = loopbackLoader({ maxBytes: 1_000_000 });
    expect(await loader.load(server.url)).toEqual({ outcome: 'too_large' });
    await ended;
  });

  test('exactly the limit is read, one byte more is not', async () => {
    await using server = await startPictureServer((request, response) => {
      response.write(Buffer.alloc(900));
      response.end(Buffer.alloc(request.url === '/fits' ? 100 : 101));
    });
    await using loader = loopbackLoader({ maxBytes: 1000 });
    expect(await loader.load(`${server.url}/fits`)).toHaveProperty('bytes');
    expect(await loader.load(`${server.url}/more`)).toEqual({ outcome: 'too_large' });
  });

  test('one that says it is huge is not read at all', async () => {
    await using server = await startPictureServer((_request, response) => {
      response.writeHead(200, { 'content-length': '10000000000' }).flushHeaders();
    });
    await using loader = loopbackLoader();
    expect(await loader.load(server.url)).toEqual({ outcome: 'too_large' });
  });

  test('one that drips, and a server that says nothing, are given up', async () => {
    await using server = await startPictureServer((request, response) => {
      if (request.url === '/silent') return;
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    await using loader = loopbackLoader({ timeoutMs: 300 });
    expect(await loader.load(`${server.url}/drip`)).toEqual({ outcome: 'timeout' });
    expect(await loader.load(`${server.url}/silent`)).toEqual({ outcome: 'timeout' });
  });

  test.each(['gzip', 'br', 'deflate', 'gzip, identity', 'unheard-of'])(
    'compressed with %s is refused',
    async (encoding) => {
      await using server = await startPictureServer((_request, response) => {
        response.setHeader('content-encoding', encoding).end(gzipSync(Buffer.alloc(1_000_000)));
      });
      await using loader = loopbackLoader();
      expect(await loader.load(server.url)).toEqual({ outcome: 'content_encoding' });
    },
  );

  test('`identity` is not compressed', async () => {
    await using server = await startPictureServer((_request, response) => {
      response.setHeader('content-encoding', 'Identity').end(PICTURE);
    });
    await using loader = loopbackLoader();
    expect(await loader.load(server.url)).toHaveProperty('bytes');
  });
});

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}
