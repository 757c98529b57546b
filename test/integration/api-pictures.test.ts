import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderTokenStore } from '../../src/access/folder/folder-token-store.ts';
import { TokenCredentials } from '../../src/access/token-credentials.ts';
import { makeThumbnail } from '../../src/consumers/images/thumbnail.ts';
import { GrapevineError } from '../../src/errors.ts';
import { FolderPictureStore } from '../../src/graph/pictures/folder-picture-store.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { encode, pattern } from '../helpers/model-pictures.ts';
import { statusOf } from '../helpers/raw-request.ts';

const [KEPT, LOST] = ['ab'.repeat(32), 'cd'.repeat(32)];
const QUERY =
  '{ entity(name: "Ada Lark") { mentions { edges { node { post { pictures { outcome thumbnailUrl } } } } } } }';
const PAGE = 'https://news.example.com';

let folder: string;
let pictures: FolderPictureStore;
let api: TestApi;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grapevine-pictures-'));
  pictures = new FolderPictureStore(join(folder, 'pictures'));
  api = await openTestApi({ pictures, corsOrigins: new Set([PAGE]) });
  await fill(api);
  const original = await encode(pattern(900, 600), 'png');
  await pictures.put(KEPT, (await makeThumbnail(original)) as Uint8Array);
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const fill = ({ store }: TestApi) =>
  store.replacePosts([
    sketch({
      id: '1',
      text: '[Ada Lark|PER] waves',
      pictures: [
        { source: 'a.png', sha256: KEPT, outcome: 'ok' },
        { source: 'b.png', sha256: LOST, outcome: 'ok' },
        { source: 'c.png', outcome: 'missing' },
      ],
    }),
  ]);

async function pathsFrom(from: TestApi, headers: Record<string, string> = {}): Promise<string[]> {
  const { data } = await from.query(QUERY, {}, headers);
  return data.entity.mentions.edges[0].node.post.pictures.map((p: { thumbnailUrl: string | null }) => p.thumbnailUrl);
}

test('a picture has the address of its copy, where one is kept', async () => {
  const [path, ...others] = await pathsFrom(api);
  expect(path).toMatch(/^\/pictures\/(ab){32}\?expires=\d+&signature=[\w-]+$/);
  expect(others).toEqual([null, null]);
  await using bare = await openTestApi();
  await fill(bare);
  expect(await pathsFrom(bare)).toEqual([null, null, null]);
});

test('the copy comes as pixels that a browser keeps to itself and runs nothing of', async () => {
  const [path] = await pathsFrom(api);
  const response = await fetch(api.url + path);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': expect.stringMatching(/^private, max-age=\d+, immutable$/),
  });
  const { format, width, height } = await sharp(await response.arrayBuffer()).metadata();
  expect({ format, width, height }).toEqual({ format: 'webp', width: 512, height: 341 });
  const head = await fetch(api.url + path, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'image/webp', '']);
});

test('an address that is not signed, is changed or stands for nothing gets no picture', async () => {
  const [path = ''] = await pathsFrom(api);
  for (const wrong of [
    `/pictures/${KEPT}`,
    path.replace(KEPT, LOST),
    path.replace(/expires=\d+/, 'expires=99999999999'),
    path.replace(/expires=\d+/, 'expires=1'),
    path.replace(/signature=.*/, `signature=${'A'.repeat(43)}`),
    `${path}&width=9999`,
    '/pictures/../pictures',
    '/pictures/',
  ]) {
    const response = await fetch(api.url + wrong);
    expect(response.status, wrong).toBe(wrong === '/pictures/../pictures' ? 404 : 403);
    expect(response.headers.get('cache-control') ?? '').not.toContain('immutable');
  }
  await pictures.put(LOST, new Uint8Array([1]));
  const [, lost] = await pathsFrom(api);
  await pictures.delete(LOST);
  const gone = await fetch(api.url + lost);
  expect([gone.status, await gone.json()]).toEqual([
    404,
    { errors: [expect.objectContaining({ extensions: { code: 'NOT_FOUND' } })] },
  ]);
});

test.each([
  '/pictures/..%2f..%2fgraph.db',
  '/pictures/../graph.db',
  '/pictures/%2e%2e/%2e%2e/etc/passwd',
  '/pictures//etc/passwd',
  '/pictures/..\\..\\graph.db?expires=99999999999&signature=x',
  `/pictures/${'ab'.repeat(31)}%61b?expires=99999999999&signature=${'A'.repeat(43)}`,
])('the path %s leads nowhere', async (path) => {
  expect(await statusOf(api.url, { method: 'GET', path, headers: ['host: localhost'] })).toBe(403);
});

test('pages of others and other names of this machine get none, signed or not', async () => {
  const [path = ''] = await pathsFrom(api);
  const get = (...headers: string[]) => statusOf(api.url, { method: 'GET', path, headers });
  expect(await get('host: localhost')).toBe(200);
  expect(await get('host: evil.example')).toBe(403);
  expect(await get('host: localhost', 'origin: https://evil.example')).toBe(403);
  expect(await get('host: localhost', 'sec-fetch-site: cross-site', 'sec-fetch-mode: no-cors')).toBe(403);
  const named = await fetch(api.url + path, { headers: { origin: PAGE } });
  expect([named.status, named.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
  expect(await statusOf(api.url, { method: 'PUT', path, headers: ['host: localhost'] })).toBe(405);
});

test('where tokens are asked for, an address does without one, but one that is shown must hold', async () => {
  const tokens = new FolderTokenStore(join(folder, 'tokens'));
  const { text } = await tokens.create({ name: 'reader', scopes: ['read'] });
  await using strict = await openTestApi({ pictures, requireToken: true, credentials: [new TokenCredentials(tokens)] });
  await fill(strict);
  expect((await strict.query(QUERY)).status).toBe(401);
  const [path = ''] = await pathsFrom(strict, { authorization: `Bearer ${text}` });
  const statusWith = async (headers: Record<string, string>) => (await fetch(strict.url + path, { headers })).status;
  expect(await statusWith({})).toBe(200);
  expect(await statusWith({ authorization: `Bearer ${text}` })).toBe(200);
  expect(await statusWith({ authorization: 'Bearer gv_wrong' })).toBe(401);
  expect((await fetch(`${strict.url}/pictures/${KEPT}`, { headers: { authorization: `Bearer ${text}` } })).status).toBe(
    403,
  );
  const metrics = await fetch(`${strict.url}/metrics`, { headers: { authorization: `Bearer ${text}` } });
  expect(await metrics.text()).toContain('grapevine_api_requests_refused_total{reason="link"} 1');
});

test('several processes with one key read the addresses of each other', async () => {
  const pictureKey = 'a key that both of them know, 32 or more';
  await using one = await openTestApi({ pictures, pictureKey });
  await using other = await openTestApi({ pictures, pictureKey });
  await fill(one);
  const [path] = await pathsFrom(one);
  expect((await fetch(other.url + path)).status).toBe(200);
  expect((await fetch(api.url + path)).status).toBe(403);
});

test('a store that does not answer costs the picture, not the post', async () => {
  const fail = () =>
    Promise.reject(new GrapevineError('PICTURE_STORE_FAILED', 'asking s3.internal', { retryable: true }));
  const broken = Object.assign(Object.create(pictures), { has: fail, get: fail });
  const pictureKey = 'k'.repeat(32);
  await using away = await openTestApi({ pictures: broken, pictureKey });
  await using well = await openTestApi({ pictures, pictureKey });
  await fill(away);
  await fill(well);
  const { data, errors } = await away.query(QUERY);
  expect(data.entity.mentions.edges[0].node.post.pictures[0]).toEqual({ outcome: 'ok', thumbnailUrl: null });
  expect(errors?.[0]?.extensions.code).toBe('PICTURE_STORE_FAILED');
  expect(JSON.stringify(errors)).not.toContain('internal');
  const [path] = await pathsFrom(well);
  expect((await fetch(away.url + path)).status).toBe(503);
});
