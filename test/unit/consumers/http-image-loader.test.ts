import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { HostGate } from '../../../src/consumers/images/host-gate.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { Slots } from '../../../src/threads/slots.ts';
import { loopbackLoader, startPictureServer } from '../../helpers/picture-server.ts';

/** Answers by status in turn, then with pictures. */
const statuses =
  (...codes: number[]) =>
  (_request: unknown, response: ServerResponse, count: number) => {
    response.writeHead(codes[count - 1] ?? 200).end('picture');
  };

describe('what may pass is tried a second time', () => {
  test.each([503, 500, 429])('%i once is no harm', async (status) => {
    await using server = await startPictureServer(statuses(status));
    await using loader = loopbackLoader();
    expect(await loader.load(server.url)).toHaveProperty('bytes');
  });

  test('twice is the outcome, and is forgotten', async () => {
    await using server = await startPictureServer(statuses(503, 502, 429, 429));
    await using loader = loopbackLoader();
    expect(await loader.load(server.url)).toEqual({ outcome: 'http_5xx' });
    expect(await loader.load(server.url)).toEqual({ outcome: 'http_4xx' });
    expect(await loader.load(server.url)).toHaveProperty('bytes');
  });

  test('a server that asks for a long pause is not asked again, one that asks for none is', async () => {
    await using server = await startPictureServer((request, response, count) => {
      response.writeHead(count === 3 ? 200 : 503, { 'retry-after': request.url === '/now' ? '0' : '3600' }).end();
    });
    await using loader = loopbackLoader();
    expect(await loader.load(`${server.url}/later`)).toEqual({ outcome: 'http_5xx' });
    expect(server.requests).toHaveLength(1);
    expect(await loader.load(`${server.url}/now`)).toHaveProperty('bytes');
  });

  test('a connection that breaks in the middle', async () => {
    await using server = await startPictureServer((request, response, count) => {
      if (request.url === '/mended' && count === 2) {
        response.end('picture');
        return;
      }
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    await using loader = loopbackLoader();
    expect(await loader.load(`${server.url}/mended`)).toHaveProperty('bytes');
    expect(await loader.load(`${server.url}/broken`)).toEqual({ outcome: 'network' });
    expect(server.requests).toHaveLength(4);
  });

  test('no TLS where TLS was expected, and what is no HTTP at all', async () => {
    await using server = await startPictureServer(statuses());
    await using loader = loopbackLoader();
    expect(await loader.load(`https://127.0.0.1:${server.port}/`)).toEqual({ outcome: 'network' });
    const noise = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.9\r\n'));
    await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve));
    const { port } = noise.address() as AddressInfo;
    expect(await loader.load(`http://127.0.0.1:${port}/`)).toEqual({ outcome: 'network' });
    noise.close();
  });
});

test.each([404, 410, 403, 401])('%i is asked for once', async (status) => {
  await using server = await startPictureServer(statuses(status));
  await using loader = loopbackLoader();
  for (let i = 0; i < 3; i++) expect(await loader.load(server.url)).toEqual({ outcome: 'http_4xx' });
  expect(server.requests).toHaveLength(1);
});

describe('a URL in many posts', () => {
  test('is fetched once when they ask at once, and once while it is kept', async () => {
    await using server = await startPictureServer((_request, response) =>
      setTimeout(() => response.end('picture'), 50),
    );
    await using loader = loopbackLoader();
    const load = (_: unknown, i: number) => loader.load(`${server.url}/a.png#${i}`);
    const images = await Promise.all(Array.from({ length: 50 }, load));
    expect(new Set(images.map((image) => ('bytes' in image ? image.sha256 : image.outcome))).size).toBe(1);
    expect(await loader.load(`${server.url}/a.png`)).toEqual(images[0]);
    expect(server.requests).toHaveLength(1);
  });

  test('is fetched again when it was kept long enough, or when there is no room to keep it', async () => {
    await using server = await startPictureServer(statuses());
    for (const options of [{ keepMs: 1 }, { keepBytes: 100 }]) {
      await using loader = loopbackLoader(options);
      const before = server.requests.length;
      await loader.load(server.url);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await loader.load(server.url);
      expect(server.requests.length - before).toBe(2);
    }
  });
});

describe('hosts', () => {
  test.each([
    ['one host gets so many requests at once', 1, 12, 3],
    ['all hosts together get so many', 15, 15, 5],
  ])('%s', async (_title, hosts, pictures, bound) => {
    let most = 0;
    const held: ServerResponse[] = [];
    // Answers only when the bound is reached, so a lower one would hang and a higher one be seen.
    await using server = await startPictureServer((_request, response) => {
      most = Math.max(most, held.push(response));
      if (held.length === bound) setTimeout(() => held.splice(0).forEach((waiting) => waiting.end('picture')), 10);
    });
    await using loader = loopbackLoader({
      perHost: 3,
      total: 5,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const load = (_: unknown, i: number) => loader.load(`http://host${i % hosts}.example:${server.port}/${i}`);
    const images = await Promise.all(Array.from({ length: pictures }, load));
    expect(images.every((image) => 'bytes' in image)).toBe(true);
    expect(most).toBe(bound);
  });

  test('a host that never answers holds its posts for a bounded time, however many there are', async () => {
    await using server = await startPictureServer(() => {});
    await using loader = loopbackLoader({ perHost: 1, timeoutMs: 200 });
    const images = await Promise.all(Array.from({ length: 30 }, (_, i) => loader.load(`${server.url}/${i}`)));
    expect(images).toEqual(images.map(() => ({ outcome: 'timeout' })));
    expect(server.requests.length).toBeLessThan(10);
  });

  test('a host that cannot be reached is left alone after a while, others are not', async () => {
    const asked: string[] = [];
    await using server = await startPictureServer(statuses());
    await using loader = loopbackLoader({
      resolve: async (name) => {
        asked.push(name);
        if (name === 'up.example') return [{ address: '127.0.0.1', family: 4 }];
        throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
      },
    });
    for (let i = 0; i < 8; i++) expect(await loader.load(`http://down.example/${i}`)).toEqual({ outcome: 'network' });
    expect(asked).toHaveLength(10);
    expect(await loader.load(`http://up.example:${server.port}/`)).toHaveProperty('bytes');
  });

  test('whoever gave up waiting takes no place', async () => {
    const slots = new Slots(1);
    expect(await slots.enter(0)).toBe(true);
    expect(await Promise.all([slots.enter(5), slots.enter(5)])).toEqual([false, false]);
    slots.leave();
    expect(slots.idle).toBe(true);
    expect(await slots.enter(0)).toBe(true);
    const next = slots.enter(10_000);
    slots.leave();
    expect(await next).toBe(true);
    expect(slots.idle).toBe(false);
  });

  test('bad answers do not make a host unreachable, and time heals', async () => {
    const gate = new HostGate({ perHost: 1, total: 1, waitMs: 10, coolDownMs: 30 });
    for (let i = 0; i < 4; i++) gate.report('a', false);
    gate.report('a', true);
    for (let i = 0; i < 4; i++) gate.report('a', false);
    expect(gate.isDown('a')).toBe(false);
    gate.report('a', false);
    expect(gate.isDown('a')).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(gate.isDown('a')).toBe(false);
  });
});

test('closing ends what is in flight without an outcome: nothing is known about that picture', async () => {
  let arrived = () => {};
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  await using server = await startPictureServer(() => arrived());
  const loader = loopbackLoader();
  const loads = [loader.load(`${server.url}/1`), loader.load(`${server.url}/2`)];
  const settled = Promise.allSettled(loads);
  await asked;
  await loader[Symbol.asyncDispose]();
  for (const result of await settled) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
});

test('counts what was asked for', async () => {
  await using server = await startPictureServer(statuses(200, 404));
  const { events, registry } = createTelemetry(createLogger('silent'));
  await using loader = loopbackLoader({ events });
  for (const path of ['/1', '/1', '/2']) await loader.load(server.url + path);
  const metrics = await registry.metrics();
  expect(metrics).toContain('grapevine_pictures_fetched_total{outcome="ok"} 1');
  expect(metrics).toContain('grapevine_pictures_fetched_total{outcome="http_4xx"} 1');
  expect(metrics).toContain('grapevine_picture_bytes_total 7');
});
