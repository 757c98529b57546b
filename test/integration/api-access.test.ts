import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import type { Scope } from '../../src/access/caller.ts';
import type { Credentials } from '../../src/access/credentials.ts';
import { FolderTokenStore } from '../../src/access/folder/folder-token-store.ts';
import { TokenCredentials } from '../../src/access/token-credentials.ts';
import { GrapevineError } from '../../src/errors.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { subscribe } from '../helpers/api-events.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const STATS = '{ stats { posts } }';
const FOLLOW = 'subscription { factEvents { head { name } } }';

let tokens: FolderTokenStore;
let log: string;

beforeEach(async () => {
  tokens = new FolderTokenStore(join(await temporaryFolder(), 'tokens'));
  log = '';
});

const make = async (scope: Scope = 'read', expiresAt?: string) => {
  const { token, text } = await tokens.create({ name: 'test', scopes: [scope], expiresAt });
  return { ...token, headers: { authorization: `Bearer ${text}` }, text };
};

function open(options: Parameters<typeof openTestApi>[0] = {}): Promise<TestApi> {
  const lines = new Writable({
    write(chunk, _, done) {
      log += chunk;
      done();
    },
  });
  const telemetry = createTelemetry(pino({ level: 'debug' }, lines));
  return openTestApi({ credentials: [new TokenCredentials(tokens)], telemetry, ...options });
}

/** An API that other machines reach, asked through loopback. */
async function openToAll(options: Parameters<typeof openTestApi>[0] = {}) {
  const api = await open({ host: '0.0.0.0', ...options });
  return Object.assign(api, { url: api.url.replace('0.0.0.0', '127.0.0.1') });
}

const metricsOf = (api: TestApi, headers: Record<string, string>) => fetch(`${api.url}/metrics`, { headers });

test('listens elsewhere only when some token works', async () => {
  const refused = { code: 'CONFIG_INVALID', message: expect.stringContaining('grapevine token create') };
  await expect(open({ host: '0.0.0.0' })).rejects.toMatchObject(refused);
  await make('read', '2020-01-01T00:00:00.000Z');
  await tokens.revoke((await make()).id);
  await expect(open({ host: '0.0.0.0' })).rejects.toMatchObject(refused);
  await expect(open({ requireToken: true })).rejects.toMatchObject(refused);
  await make();
  await using api = await open({ host: '0.0.0.0' });
  expect(api.url).toContain('0.0.0.0');
});

test('elsewhere, only who shows a token is let in', async () => {
  const { headers } = await make();
  await using api = await openToAll();
  expect(await api.query(STATS, {}, headers)).toMatchObject({ status: 200, data: { stats: { posts: 0 } } });
  for (const wrong of [{}, { authorization: 'Bearer x' }, { authorization: headers.authorization.slice(7) }]) {
    const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent(STATS)}`, { headers: wrong });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="grapevine"/);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await metricsOf(api, wrong)).status).toBe(401);
    await using following = await subscribe(api.url, FOLLOW, {}, wrong);
    expect(following.response.status).toBe(401);
  }
  expect(await (await metricsOf(api, headers)).text()).toMatch(
    /grapevine_api_requests_refused_total\{reason="no_token"\} 3\n/,
  );
});

test('elsewhere, pages and probes need no token and tell nothing of the graph', async () => {
  await make();
  await using api = await openToAll();
  for (const path of ['/', '/healthz', '/readyz']) expect((await fetch(`${api.url}${path}`)).status).toBe(200);
  const page = await fetch(`${api.url}/graphql?query=${encodeURIComponent(STATS)}`, {
    headers: { accept: 'text/html' },
  });
  expect(page.headers.get('content-type')).toBe('text/html');
  expect(await page.text()).not.toContain('"posts"');
});

test('a revoked token ends at once, also in a stream that runs', async () => {
  const { id, headers } = await make();
  await using api = await openToAll();
  await using following = await subscribe(api.url, FOLLOW, {}, headers);
  expect(following.response.status).toBe(200);
  await tokens.revoke(id);
  expect(await api.query(STATS, {}, headers)).toMatchObject({ status: 401 });
  await api.store.replacePosts([
    sketch({
      id: '1',
      text: '[Ada Lark|PER] joins [Orbit FC|ORG]',
      relations: [{ type: '/per/org/member_of', head: 0, tail: 1 }],
    }),
  ]);
  await api.relay();
  expect(await following.next()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(await following.next()).toBeUndefined();
});

test('a stream without news ends with its token, too', async () => {
  const { id, headers } = await make();
  await using api = await openToAll();
  await using following = await subscribe(api.url, FOLLOW, {}, headers);
  await tokens.revoke(id);
  expect(await following.next()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(await following.next()).toBeUndefined();
});

test('loopback needs no token, but one that is shown must hold', async () => {
  const { id, headers } = await make();
  await using api = await open();
  expect((await api.query(STATS)).status).toBe(200);
  expect((await api.query(STATS, {}, headers)).status).toBe(200);
  await tokens.revoke(id);
  expect((await api.query(STATS, {}, headers)).status).toBe(401);
});

test('loopback behind a proxy is not loopback', async () => {
  const { headers } = await make();
  await using api = await open();
  for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']) {
    expect((await api.query(STATS, {}, { [name]: '203.0.113.7' })).status, name).toBe(401);
    expect((await api.query(STATS, {}, { [name]: '203.0.113.7', ...headers })).status, name).toBe(200);
  }
  await using strict = await open({ requireToken: true });
  expect((await strict.query(STATS)).status).toBe(401);
  expect((await strict.query(STATS, {}, headers)).status).toBe(200);
});

test('who is known but may not read is told which scope it takes', async () => {
  const credentials: Credentials = {
    find: async () => ({ id: 'x', name: 'no scope', scopes: new Set() }),
    any: async () => true,
  };
  await using api = await openToAll({ credentials: [credentials] });
  const headers = { authorization: 'Bearer x' };
  const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent(STATS)}`, { headers });
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="read"');
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect((await metricsOf(api, headers)).status).toBe(403);
  expect((await api.query(FOLLOW, {}, headers)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('while tokens cannot be read nobody is let in, and the log says why, once', async () => {
  const find = () => Promise.reject(new GrapevineError('TOKENS_UNREADABLE', 'reading /secret/place: no'));
  await using api = await openToAll({ credentials: [{ find, any: async () => true }] });
  const answer = await api.query(STATS, {}, { authorization: 'Bearer x' });
  expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'TOKENS_UNREADABLE' } }] });
  expect(JSON.stringify(answer)).not.toContain('/secret');
  expect(log.split('/secret/place')).toHaveLength(2);
});

test('no log holds a token, and a refusal is told once', async () => {
  const { id, text, headers } = await make();
  await using api = await openToAll();
  await api.query(STATS, {}, headers);
  await tokens.revoke(id);
  await api.query(STATS, {}, headers);
  await api.query('{ nothing }', {}, headers);
  expect(log).not.toContain(text);
  expect(log).not.toContain(text.slice(-43));
  expect(log.match(/a request was refused/g)).toHaveLength(2);
});

const PAGE = 'https://news.example.com';
const preflight = (api: TestApi, origin: string) =>
  fetch(`${api.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

test('pages of the origins that are named may ask and read, others not', async () => {
  const { headers } = await make();
  await using api = await openToAll({ corsOrigins: new Set([PAGE]) });
  const before = await preflight(api, PAGE);
  expect(before.status).toBe(204);
  expect(before.headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(before.headers.get('access-control-allow-headers')).toBe('authorization, content-type');
  expect(before.headers.get('vary')).toBe('origin');
  const url = `${api.url}/graphql?query=${encodeURIComponent(STATS)}`;
  for (const more of [headers, {}]) {
    const response = await fetch(url, { headers: { origin: PAGE, ...more } });
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  }
  for (const origin of ['null', 'https://evil.example', `${PAGE}.evil.example`, 'http://news.example.com']) {
    expect((await preflight(api, origin)).headers.get('access-control-allow-origin'), origin).toBeNull();
    const response = await fetch(url, { headers: { origin, ...headers } });
    expect(response.headers.get('access-control-allow-origin'), origin).toBeNull();
    expect(response.headers.get('vary')).toContain('origin');
  }
});

test('on loopback, a page that is named is answered and every other one refused', async () => {
  await using api = await open({ corsOrigins: new Set([PAGE]) });
  const named = { origin: PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
  expect((await api.query(STATS, {}, named)).status).toBe(200);
  expect((await preflight(api, PAGE)).status).toBe(204);
  expect((await preflight(api, 'https://evil.example')).status).toBe(403);
  const following = await subscribe(api.url, FOLLOW, {}, { origin: PAGE });
  expect(following.response.headers.get('access-control-allow-origin')).toBe(PAGE);
  await following[Symbol.asyncDispose]();
});

test('each token has a budget of objects; answers say what is left of it', async () => {
  const [one, other] = [await make(), await make()];
  await using api = await open({ requireToken: true, costPerMinute: 50 });
  const list = '{ entities(first: 10) { edges { node { id } } } }';
  const ask = async (query: string, headers: Record<string, string>) => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return {
      status: response.status,
      retry: response.headers.get('retry-after'),
      body: (await response.json()) as any,
    };
  };
  const first = await ask(list, one.headers);
  expect(first).toMatchObject({ status: 200, body: { extensions: { budget: { cost: 21, limit: 50 } } } });
  expect(first.body.extensions.budget.remaining).toBe(29);
  await ask(list, one.headers);
  const refused = await ask(list, one.headers);
  expect(refused).toMatchObject({ status: 429, body: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] } });
  expect(Number(refused.retry)).toBeGreaterThan(0);
  expect(refused.body.data).toBeUndefined();
  expect((await ask(list, other.headers)).status).toBe(200);
  expect(log).toContain('"reason":"budget"');
  await using following = await subscribe(api.url, FOLLOW, {}, other.headers);
  expect(following.response.status).toBe(200);
});

test('questions about the schema can be refused', async () => {
  await using api = await open({ introspection: false });
  const { status, errors } = await api.query('{ __schema { types { name } } }');
  expect({ status, code: errors?.[0]?.extensions.code }).toEqual({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
  expect(await api.query('{ __type(name: "Fact") { name } }')).toMatchObject({ status: 400 });
  expect(await api.query('{ stats { posts __typename } }')).toMatchObject({ status: 200, errors: undefined });
});
