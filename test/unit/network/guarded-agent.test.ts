import type { LookupAddress } from 'node:dns';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileImageLoader } from '../../../src/consumers/images/file-image-loader.ts';
import { HttpImageLoader } from '../../../src/consumers/images/http-image-loader.ts';
import { RouteImageLoader } from '../../../src/consumers/images/route-image-loader.ts';
import { isPublicAddress } from '../../../src/network/public-address.ts';
import { checkWebUrl } from '../../../src/network/web-url.ts';
import { loopbackLoader, silentEvents, startPictureServer } from '../../helpers/picture-server.ts';

const v4 = (...addresses: string[]): LookupAddress[] => addresses.map((address) => ({ address, family: 4 }));

test.each([
  ['http://127.0.0.1/', 'blocked_address'],
  ['http://localhost/', 'blocked_address'],
  ['http://0.0.0.0/', 'blocked_address'],
  ['http://[::1]/', 'blocked_address'],
  ['http://[::]/', 'blocked_address'],
  ['http://2130706433/', 'blocked_address'],
  ['http://0x7f.1/', 'blocked_address'],
  ['http://0177.0.0.1/', 'blocked_address'],
  ['http://①②⑦.⓪.⓪.①/', 'blocked_address'],
  ['http://%31%32%37.0.0.1/', 'blocked_address'],
  ['http:\\\\127.0.0.1\\', 'blocked_address'],
  ['http://169.254.169.254/latest/meta-data/', 'blocked_address'],
  ['http://[fd00:ec2::254]/', 'blocked_address'],
  ['http://100.100.100.200/', 'blocked_address'],
  ['http://168.63.129.16/', 'blocked_address'],
  ['http://192.0.0.192/', 'blocked_address'],
  ['http://[::ffff:10.0.0.1]/', 'blocked_address'],
  ['http://[::127.0.0.1]/', 'blocked_address'],
  ['http://[64:ff9b::7f00:1]/', 'blocked_address'],
  ['http://[2002:7f00:1::]/', 'blocked_address'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://example.org/', 'scheme'],
  ['ftp://example.org/a.png', 'scheme'],
  ['data:image/png;base64,AAAA', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['http://user:pw@example.org/', 'credentials'],
  ['https://user@example.org/', 'credentials'],
  ['https://:pw@example.org/', 'credentials'],
  ['http://example.org:22/', 'port'],
  ['http://example.org:6379/', 'port'],
  ['https://example.org:9092/', 'port'],
  ['http://', 'bad_url'],
  ['http://exa mple.org/', 'bad_url'],
  ['http://[::1/', 'bad_url'],
  ['http://256.256.256.256/', 'bad_url'],
  ['http://example.org:99999/', 'bad_url'],
  [`http://example.org/${'x'.repeat(2048)}`, 'bad_url'],
  [`http://example.org/${'é'.repeat(1000)}`, 'bad_url'],
  [`http://${'a.'.repeat(127)}org/`, 'bad_url'],
])('%s is %s', async (url, outcome) => {
  await using loader = new HttpImageLoader({ events: silentEvents() });
  expect(await loader.load(url)).toEqual({ outcome });
});

test('no text whatever makes the check throw', () => {
  const rules = { allowAddress: isPublicAddress, allowPort: () => true };
  const near = fc.tuple(
    fc.constantFrom('http:', 'https://', 'http://[', 'http://x', ''),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(near, ([start, rest]) => {
      checkWebUrl(start + rest, rules);
    }),
    { numRuns: 1000 },
  );
});

describe('names', () => {
  test('one address that is not public refuses the name, wherever it stands among the answers', async () => {
    await using server = await startPictureServer((_request, response) => response.end('picture'));
    for (const answers of [v4('127.0.0.2'), v4('127.0.0.1', '127.0.0.2'), v4('10.0.0.1', '127.0.0.1'), []]) {
      await using loader = loopbackLoader({ resolve: async () => answers });
      expect(await loader.load(`http://pictures.example:${server.port}/a.png`)).toEqual({ outcome: 'blocked_address' });
    }
    expect(server.connections()).toBe(0);
  });

  test('the addresses that were judged are those connected to; a later answer is judged again', async () => {
    await using allowed = await startPictureServer((_request, response) => {
      response.setHeader('connection', 'close').end('picture');
    });
    const asked: string[] = [];
    const answers = [v4('127.0.0.1'), v4('127.0.0.2')];
    await using loader = loopbackLoader({
      resolve: async (name) => answers[asked.push(name) - 1] ?? v4('127.0.0.2'),
    });
    expect(await loader.load(`http://rebinding.example:${allowed.port}/1`)).toHaveProperty('bytes');
    expect(asked).toEqual(['rebinding.example']);
    expect(await loader.load(`http://rebinding.example:${allowed.port}/2`)).toEqual({ outcome: 'blocked_address' });
    expect(asked).toHaveLength(2);
    expect(allowed.requests).toHaveLength(1);
  });

  test('nothing is sent when the socket says it reached another address', async () => {
    await using server = await startPictureServer((_request, response) => response.end('picture'));
    let judged = 0;
    await using loader = loopbackLoader({
      resolve: async () => v4('127.0.0.1'),
      rules: { allowAddress: () => ++judged === 1, allowPort: () => true },
    });
    expect(await loader.load(`http://pictures.example:${server.port}/`)).toEqual({ outcome: 'blocked_address' });
    expect(judged).toBe(2);
    expect(server.requests).toHaveLength(0);
  });

  test('a literal is judged again where the connection is made, because Node looks up names only', async () => {
    await using server = await startPictureServer((_request, response) => response.end('picture'));
    let judged = 0;
    await using loader = loopbackLoader({ rules: { allowAddress: () => ++judged === 1, allowPort: () => true } });
    expect(await loader.load(`${server.url}/`)).toEqual({ outcome: 'blocked_address' });
    expect(server.connections()).toBe(0);
  });
});

describe('the route', () => {
  test('paths are files, everything with a scheme is a URL', async () => {
    const files = new FileImageLoader({ root: join(import.meta.dirname, 'none') });
    await using remote = new HttpImageLoader({ events: silentEvents() });
    await using on = new RouteImageLoader({ files, remote });
    await using off = new RouteImageLoader({ files, remote: undefined });
    for (const loader of [on, off]) expect(await loader.load('a.png')).toEqual({ outcome: 'missing' });
    expect(await on.load('HTTP://127.0.0.1/a.png')).toEqual({ outcome: 'blocked_address' });
    expect(await on.load('file:///etc/passwd')).toEqual({ outcome: 'scheme' });
    for (const url of ['http://example.org/a.png', 'file:///etc/passwd']) {
      expect(await off.load(url)).toEqual({ outcome: 'fetch_disabled' });
    }
  });
});
