import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderTokenStore } from '../../src/access/folder/folder-token-store.ts';
import { TokenCredentials } from '../../src/access/token-credentials.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { encode, pattern } from '../helpers/model-pictures.ts';
import { statusOf } from '../helpers/raw-request.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

async function post(body: BodyInit, headers: Record<string, string> = { 'content-type': 'image/png' }, to = api) {
  const response = await fetch(`${to.url}/pictures`, { method: 'POST', headers, body });
  // Any: the shape is the answer's.
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
}

test('a picture gets the name by which posts show it', async () => {
  const bytes = await encode(pattern(60, 40), 'jpeg');
  const { status, json, headers } = await post(new Uint8Array(bytes), { 'content-type': 'image/jpeg' });
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  const { sha256 } = json.picture;
  expect(json.picture).toEqual({ reference: `upload:${sha256}`, sha256, width: 60, height: 40 });
  // The type that is said is not what counts.
  const again = await post(new Uint8Array(bytes), { 'content-type': 'application/octet-stream' });
  expect(again.json).toEqual(json);
});

test.each([
  ['nothing', new Uint8Array(), 'decode_error'],
  ['a web page', Buffer.from('<html><script>alert(1)</script></html>'), 'not_image'],
  ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'), 'unsupported_format'],
  ['PDF', Buffer.from('%PDF-1.7 …'), 'unsupported_format'],
])('%s is refused with status 422 and why', async (_, bytes, outcome) => {
  const { status, json } = await post(new Uint8Array(bytes));
  expect(status).toBe(422);
  expect(json.errors[0]).toMatchObject({
    message: expect.stringContaining(`(${outcome})`),
    extensions: { code: 'BAD_PICTURE' },
  });
});

test('half a picture and one of too many pixels are refused', async () => {
  const whole = await encode(pattern(300, 300), 'png');
  expect((await post(new Uint8Array(whole.subarray(0, whole.length / 2)))).json.errors[0].message).toContain(
    '(decode_error)',
  );
  // A picture says how large it is in its first bytes: here 16,000 by 16,000.
  const bomb = Buffer.from(whole);
  bomb.writeUInt32BE(16_000, 16);
  bomb.writeUInt32BE(16_000, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  expect((await post(new Uint8Array(bomb))).json.errors[0].message).toContain('(too_many_pixels)');
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json',
  'text/html',
  'imagex/png',
])('a body of type %s, as a form sends it, is refused with status 415', async (type) => {
  const { status, json } = await post(new Blob([Buffer.from('x')]), { 'content-type': type });
  expect([status, json.errors[0].extensions.code]).toEqual([415, 'BAD_REQUEST']);
});

test('a body without a type or with an encoding is refused with status 415', async () => {
  expect((await post(new Blob(['x']), {})).status).toBe(415);
  expect((await post('x', { 'content-type': 'image/png', 'content-encoding': 'gzip' })).status).toBe(415);
});

/** Sends a body of so many megabytes, its length untold, until the answer comes; gives its status. */
async function flood(url: string, megabytes: number): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answered = once(socket, 'data').then(([data]) => Number(String(data).split(' ')[1]));
  socket.on('error', () => {});
  socket.write(
    'POST /pictures HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1_048_576), Buffer.from('\r\n')]);
  for (let sent = 0; sent < megabytes && socket.writable; sent++) {
    const isTaken = new Promise((resolve) => socket.write(chunk, resolve));
    await Promise.race([answered, isTaken]);
  }
  const status = await answered;
  socket.destroy();
  return status;
}

test('a body above 10 MB is refused with status 413, whether it tells its length or not', async () => {
  const headers = ['host: localhost', 'content-type: image/png', 'content-length: 10485761'];
  expect(await statusOf(api.url, { path: '/pictures', headers, isBare: true })).toBe(413);
  expect(await flood(api.url, 12)).toBe(413);
  expect((await post('x')).status).toBe(422);
});

test('pages of others and other names of this machine cannot send one', async () => {
  const send = (...headers: string[]) =>
    statusOf(api.url, { path: '/pictures', headers: ['content-type: image/png', ...headers], body: 'x' });
  expect(await send('host: localhost')).toBe(422);
  expect(await send('host: evil.example')).toBe(403);
  expect(await send('host: localhost', 'origin: https://evil.example')).toBe(403);
  expect(await send('host: localhost', 'sec-fetch-site: cross-site', 'sec-fetch-mode: cors')).toBe(403);
  expect(await statusOf(api.url, { method: 'PUT', path: '/pictures', headers: ['host: localhost'] })).toBe(405);
  expect(await statusOf(api.url, { path: '/pictures/x', headers: ['host: localhost'] })).toBe(405);
});

test('sending one takes the scope write', async () => {
  const tokens = new FolderTokenStore(join(await temporaryFolder(), 'tokens'));
  const [read, write] = [
    await tokens.create({ name: 'read', scopes: ['read'] }),
    await tokens.create({ name: 'write', scopes: ['write'] }),
  ];
  await using strict = await openTestApi({ requireToken: true, credentials: [new TokenCredentials(tokens)] });
  const bytes = new Uint8Array(await encode(pattern(10, 10), 'png'));
  const statusWith = async (more: Record<string, string>) =>
    (await post(bytes, { 'content-type': 'image/png', ...more }, strict)).status;
  expect(await statusWith({})).toBe(401);
  expect(await statusWith({ authorization: `Bearer ${read.text}` })).toBe(403);
  expect(await statusWith({ authorization: `Bearer ${write.text}` })).toBe(201);
});

test('one that nobody asks for is forgotten, the others stay within the memory they may take', async () => {
  const { UploadedPictures } = await import('../../src/consumers/images/uploaded-pictures.ts');
  const [first, second] = [await encode(pattern(64, 64), 'png'), await encode(pattern(65, 64), 'png')];
  const pictures = new UploadedPictures({ maxBytes: Math.max(first.length, second.length) });
  const one = await pictures.keep(first);
  const other = await pictures.keep(second);
  if (!('reference' in one) || !('reference' in other)) throw new Error('they are pictures');
  expect([pictures.has(one.reference), pictures.has(other.reference)]).toEqual([false, true]);
  expect(await pictures.load(one.reference)).toEqual({ outcome: 'missing' });
});

test('a page of an origin that is named may send one, once the browser has asked', async () => {
  const origin = 'https://news.example.com';
  await using open = await openTestApi({ corsOrigins: new Set([origin]) });
  const asked = await fetch(`${open.url}/pictures`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  const bytes = new Uint8Array(await encode(pattern(10, 10), 'png'));
  const { status, headers } = await post(bytes, { 'content-type': 'image/png', origin }, open);
  expect([status, headers.get('access-control-allow-origin')]).toEqual([201, origin]);
});
