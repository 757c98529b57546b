import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JwtCredentials } from '../../src/access/jwt/jwt-credentials.ts';
import { keysInFile, remoteKeys } from '../../src/access/jwt/jwt-keys.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { RunningCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { AUDIENCE, type Issuer, startIssuer } from '../helpers/issuer.ts';

const STATS = '{ stats { posts } }';
const SUBMIT = 'mutation { submitPost(input: {text: "Lisbon"}) { state post { author { id name } } } }';
const ERASE = 'mutation { eraseAuthor(input: {platform: "x", id: "nobody"}) { userErrors { code } } }';

let issuer: Issuer;
let api: TestApi;

beforeAll(async () => {
  issuer = await startIssuer();
  api = await openFor(issuer.keysUrl);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const rules = (more: object = {}) => ({
  issuer: issuer.issuer,
  audience: AUDIENCE,
  scopeClaim: 'scope',
  scopePrefix: '',
  ...more,
});

const openFor = (url: string, more: object = {}) =>
  openTestApi({ requireToken: true, credentials: [new JwtCredentials(remoteKeys(url), rules(more))] });

const statusWith = async (token: string, query = STATS, of = api) =>
  (await of.query(query, {}, { authorization: `Bearer ${token}` })).status;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

test('a token of the issuer lets its holder in, as far as its scopes go', async () => {
  const [read, write, admin] = await Promise.all(
    ['read', 'openid write', 'admin'].map((scope) => issuer.token({ scope })),
  );
  expect(await statusWith(read as string)).toBe(200);
  expect(await statusWith(read as string, SUBMIT)).toBe(403);
  expect(await statusWith(write as string, SUBMIT)).toBe(200);
  expect((await api.query(ERASE, {}, { authorization: `Bearer ${write}` })).errors?.[0]?.extensions.code).toBe(
    'FORBIDDEN',
  );
  expect(await statusWith(admin as string, ERASE)).toBe(200);
  const listed = await issuer.token({ scope: ['write'], sub: 'bot-7', name: 'The bot' });
  const { data } = await api.query(SUBMIT, {}, { authorization: `Bearer ${listed}` });
  expect(data.submitPost.post.author).toEqual({ id: 'jwt:bot-7', name: 'The bot' });
  const metrics = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${read}` } });
  expect(metrics.status).toBe(200);
});

test('tokens that are not signed with a key of the issuer are refused', async () => {
  const claims = { iss: issuer.issuer, aud: AUDIENCE, sub: 'eve', scope: 'admin', exp: inSeconds(600) };
  const unsigned = `${part({ alg: 'none', kid: 'first' })}.${part(claims)}.`;
  const head = `${part({ alg: 'HS256', kid: 'first' })}.${part(claims)}`;
  // The public key, which everybody has, taken for a secret.
  const confused = `${head}.${createHmac('sha256', issuer.publicPem).update(head).digest('base64url')}`;
  const { privateKey } = await generateKeyPair('RS256');
  const stranger = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(privateKey);
  const embedded = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'first', jku: 'http://127.0.0.1:1/keys', jwk: { kty: 'RSA' } })
    .sign(privateKey);
  const [begin = '', , end = ''] = (await issuer.token()).split('.');
  const changed = `${begin}.${part(claims)}.${end}`;
  for (const token of [unsigned, confused, stranger, embedded, changed, `${begin}.${begin}.`, 'a.b.c', '..']) {
    expect([token, await statusWith(token)]).toEqual([token, 401]);
  }
});

test.each([
  ['has expired', () => ({ exp: inSeconds(-60) })],
  ['never expires', () => ({ exp: undefined })],
  ['does not hold yet', () => ({ nbf: inSeconds(600) })],
  ['is of another issuer', () => ({ iss: 'https://login.example.org' })],
  ['is made for another audience', () => ({ aud: ['billing', 'grapevine2'] })],
  ['names no audience', () => ({ aud: undefined })],
  ['names nobody', () => ({ sub: undefined })],
  ['names somebody too long', () => ({ sub: 'x'.repeat(201) })],
])('a token that %s is refused', async (_, claims) => {
  expect(await statusWith(await issuer.token(claims()))).toBe(401);
});

test.each([{ scope: undefined }, { scope: 'READ' }, { scope: 'readwrite' }, { scope: { read: true } }, { scope: [7] }])(
  'a token with the claims %j may do nothing',
  async (claims) => {
    expect(await statusWith(await issuer.token(claims as never))).toBe(403);
  },
);

test('scopes may stand in another claim, with a prefix', async () => {
  await using other = await openFor(issuer.keysUrl, { scopeClaim: 'permissions', scopePrefix: 'grapevine:' });
  const token = (permissions: string[]) => issuer.token({ scope: 'admin', permissions });
  expect(await statusWith(await token(['grapevine:read', 'billing:admin']), STATS, other)).toBe(200);
  expect(await statusWith(await token(['read']), STATS, other)).toBe(403);
});

test('an unknown key is looked for once, not for every token that names one', async () => {
  await using fresh = await openFor(issuer.keysUrl);
  expect(await statusWith(await issuer.token(), STATS, fresh)).toBe(200);
  const before = issuer.requests();
  await issuer.addKey('second');
  const claims = { iss: issuer.issuer, aud: AUDIENCE, sub: 'eve', scope: 'admin', exp: inSeconds(600) };
  const { privateKey } = await generateKeyPair('RS256');
  const unknown = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'none' }).sign(privateKey);
  for (let time = 0; time < 5; time++) expect(await statusWith(unknown, STATS, fresh)).toBe(401);
  expect(issuer.requests()).toBe(before);
  // A server that has just started finds the new key at once.
  await using later = await openFor(issuer.keysUrl);
  expect(await statusWith(await issuer.token({}, 'second'), STATS, later)).toBe(200);
});

test('where the keys cannot be had, nobody is let in, and it is not the token that is blamed', async () => {
  const token = await issuer.token();
  await using away = await openFor('http://127.0.0.1:1/keys');
  const { status, errors } = await away.query(STATS, {}, { authorization: `Bearer ${token}` });
  expect([status, errors?.[0]?.extensions.code]).toEqual([503, 'TOKENS_UNREADABLE']);
  await using broken = await openFor(issuer.keysUrl);
  for (const body of ['<html>', '{"keys":7}']) {
    issuer.answer((response) => response.end(body));
    expect(await statusWith(token, STATS, broken)).toBe(503);
  }
  issuer.answer((response) => response.writeHead(500).end());
  expect(await statusWith(token, STATS, broken)).toBe(503);
  issuer.answer();
  expect(await statusWith(token, STATS, broken)).toBe(200);
});

test('keys may come from a file, as PEM or as a set, but no private ones', async () => {
  const folder = await temporaryFolder();
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const set = await (await fetch(issuer.keysUrl)).text();
  for (const path of [await file('key.pem', issuer.publicPem), await file('keys.json', set)]) {
    const found = new JwtCredentials(keysInFile(path), rules());
    expect(await found.find(await issuer.token())).toMatchObject({ id: 'jwt:ada' });
    expect(await found.find(await issuer.token({ aud: 'billing' }))).toBeUndefined();
  }
  const refused = { code: 'CONFIG_INVALID' };
  for (const text of ['no key', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', '{}', '-----BEGIN PRIVATE KEY-----']) {
    const path = await file('bad', text);
    expect(() => keysInFile(path)).toThrow(expect.objectContaining(refused));
  }
});

test('grapevine serve reads such tokens where the settings name their issuer', async () => {
  const path = join(await temporaryFolder(), 'graph.db');
  const env = {
    API_REQUIRE_TOKEN: 'true',
    API_JWT_ISSUER: issuer.issuer,
    API_JWT_AUDIENCE: AUDIENCE,
    API_JWT_JWKS_URL: issuer.keysUrl,
  };
  await using serve = new RunningCli(['serve', '--graph', `sqlite:${path}`, '--port', '0'], { env });
  await expect.poll(() => serve.stdout, { timeout: 120_000 }).toContain('/graphql');
  const [url = ''] = /http:\S+\/graphql/.exec(serve.stdout) ?? [];
  const ask = (headers: Record<string, string>) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: STATS }),
    });
  expect((await ask({})).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${await issuer.token()}` })).status).toBe(200);
});
