import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi } from '../../src/api/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';

const telemetry = createTelemetry(createLogger('silent'));
let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const get = (path: string, accept = '*/*') => fetch(`${api.url}${path}`, { headers: { accept } });

/** Addresses a page would load by itself. */
function loaded(html: string): string[] {
  const markup = html.replace(/(<script\b[^>]*>)[\s\S]*?<\/script>/g, '$1');
  return [...markup.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)\s*=\s*["']?([^"'\s>]+)/gi)]
    .map((match) => match[1] ?? '')
    .filter((address) => !address.startsWith('data:'));
}

test('/ is a page that leads to the rest', async () => {
  const response = await get('/', 'text/html');
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(html).toContain('href="/graphql"');
  expect(loaded(html)).toEqual([]);
});

test('/graphql in a browser is GraphiQL, from this server alone', async () => {
  const response = await get('/graphql', 'text/html');
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(html).toContain('<title>Grapevine</title>');
  expect(loaded(html)).toEqual([]);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(response.headers.get('content-security-policy')).not.toMatch(/https?:/);
});

test('introspection passes the limits and every type and field is described', async () => {
  const options = {
    descriptions: true,
    specifiedByUrl: true,
    inputValueDeprecation: true,
    schemaDescription: true,
    directiveIsRepeatable: true,
  };
  const { data, errors } = await api.query(getIntrospectionQuery(options));
  expect(errors).toBeUndefined();
  const silent: string[] = [];
  const check = (name: string, described: { description: string | null }) => {
    if (!described.description) silent.push(name);
  };
  for (const type of data.__schema.types) {
    if (/^__|^(String|Int|Float|ID|Boolean)$/.test(type.name)) continue;
    check(type.name, type);
    for (const value of type.enumValues ?? []) check(`${type.name}.${value.name}`, value);
    for (const field of type.fields ?? []) {
      check(`${type.name}.${field.name}`, field);
      for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name})`, arg);
    }
  }
  expect(silent).toEqual([]);
  expect(data.__schema.mutationType.name).toBe('Mutation');
});

test('queries work by GET', async () => {
  const response = await get(`/graphql?query=${encodeURIComponent('{ stats { posts } }')}`);
  expect(await response.json()).toEqual({ data: { stats: { posts: 0 } } });
});

test('/healthz, /readyz and /metrics answer', async () => {
  expect(await (await get('/healthz')).text()).toBe('ok');
  expect(await (await get('/readyz')).text()).toBe('ready');
  const metrics = await get('/metrics');
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(await metrics.text()).toContain('# TYPE grapevine_');
});

test('/readyz says so while the graph does not answer', async () => {
  const ping = () => Promise.reject(new Error('no route to db.internal'));
  await using broken = await openTestApi({ wrap: (reader) => Object.assign(Object.create(reader), { ping }) });
  const response = await fetch(`${broken.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('db.internal');
  expect((await fetch(`${broken.url}/healthz`)).status).toBe(200);
});

test('other addresses and methods are refused', async () => {
  expect((await get('/nothing')).status).toBe(404);
  expect((await get('/graphql/nothing')).status).toBe(404);
  expect((await fetch(`${api.url}/metrics`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${api.url}/graphql`, { method: 'PUT' })).status).toBe(405);
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'example.com'])('does not start on %s without a token', async (host) => {
  const rest = {
    reader: {} as never,
    writing: {} as never,
    alerting: {} as never,
    port: 0,
    pollMs: 50,
    credentials: [],
    requireToken: false,
    corsOrigins: new Set<string>(),
    costPerMinute: 0,
    introspection: true,
    pictures: undefined,
    pictureKey: '',
    page: undefined,
    telemetry,
  };
  await expect(startApi({ ...rest, host })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(`on ${host}: whoever reaches this address could read the graph`),
  });
});

test('says which port is in use', async () => {
  const port = Number(new URL(api.url).port);
  await expect(openTestApi({ port })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(`127.0.0.1:${port}: the port is in use`),
  });
});

test('serves on ::1 and localhost too', async () => {
  for (const host of ['::1', 'localhost']) {
    await using other = await openTestApi({ host });
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200);
  }
});
