import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Caller } from '../../../src/access/caller.ts';
import type { Credentials } from '../../../src/access/credentials.ts';
import { MetricsGuard } from '../../../src/access/metrics-guard.ts';
import { HealthServer } from '../../../src/consumers/http/health-server.ts';
import { statusOf } from '../../helpers/raw-request.ts';

const known: Readonly<Record<string, Caller>> = {
  reader: { id: 'r', name: 'reader', scopes: new Set(['read']) },
  nobody: { id: 'n', name: 'nobody', scopes: new Set() },
};
const credentials: Credentials = {
  async find(bearer) {
    if (bearer === 'broken') throw new Error('the store cannot be read');
    return known[bearer];
  },
  any: async () => true,
};

const start = (host: string, isOpen = false) =>
  HealthServer.start({
    host,
    port: 0,
    registry: new Registry(),
    guard: new MetricsGuard({ host, credentials: [credentials], isOpen }),
    notHealthy: () => undefined,
    notReady: () => 'not yet',
  });

/** Status of a request by this machine, whatever the address it listens on. */
const ask = async ({ url }: HealthServer, path: string, ...headers: string[]) =>
  statusOf(`http://127.0.0.1:${new URL(url).port}`, {
    path,
    headers: headers.some((header) => header.startsWith('host:')) ? headers : ['host: localhost', ...headers],
    method: 'GET',
  });

test('on an address that other machines reach, metrics take a token and health does not', async () => {
  await using server = await start('0.0.0.0');
  expect(await ask(server, '/metrics')).toBe(401);
  expect(await ask(server, '/metrics', 'authorization: Bearer stranger')).toBe(401);
  expect(await ask(server, '/metrics', 'authorization: Basic reader')).toBe(401);
  expect(await ask(server, '/metrics', 'authorization: Bearer nobody')).toBe(403);
  expect(await ask(server, '/metrics', 'authorization: Bearer broken')).toBe(503);
  expect(await ask(server, '/metrics', 'authorization: Bearer reader')).toBe(200);
  expect([await ask(server, '/healthz'), await ask(server, '/readyz')]).toEqual([200, 503]);
  const { port } = new URL(server.url);
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.headers.get('www-authenticate')).toContain('Bearer');
  expect(await response.text()).toContain('METRICS_OPEN');
});

test('where the operator says that only scrapers come, everybody reads them', async () => {
  await using server = await start('0.0.0.0', true);
  expect(await ask(server, '/metrics')).toBe(200);
});

test('this machine reads them freely, but no page under a name of its own, and nobody through a proxy', async () => {
  await using server = await start('127.0.0.1');
  expect(await ask(server, '/metrics')).toBe(200);
  expect(await ask(server, '/metrics', 'host: evil.example')).toBe(403);
  expect(await ask(server, '/metrics', 'origin: https://evil.example')).toBe(403);
  expect(await ask(server, '/metrics', 'x-forwarded-for: 10.0.0.1')).toBe(401);
  expect(await ask(server, '/metrics', 'x-forwarded-for: 10.0.0.1', 'authorization: Bearer reader')).toBe(200);
  expect(await ask(server, '/metrics', 'authorization: Bearer stranger')).toBe(401);
});
