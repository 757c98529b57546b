// The pictures of the list of bad inputs, each named by a post that goes through the stage as it ships: case, outcome, counter.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpImageLoader } from '../../src/consumers/images/http-image-loader.ts';
import type { ImageOutcome } from '../../src/domain/image.ts';
import { CMYK_JPEG, encode, GREY16_PNG, pattern } from '../helpers/model-pictures.ts';
import { loopbackLoader, type PictureServer, startPictureServer } from '../helpers/picture-server.ts';
import { counted, runRecords } from '../helpers/stage-run.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Case {
  readonly number: number;
  readonly what: string;
  /** A URL as a post names it, or what the server answers. */
  readonly url?: string;
  readonly answer?: Answer;
  readonly outcome: ImageOutcome;
}

const MAX_BYTES = 400_000;
const TIMEOUT_MS = 1_500;

const url = (number: number, text: string, outcome: ImageOutcome): Case => ({ number, what: text, url: text, outcome });
const answers = (number: number, what: string, outcome: ImageOutcome, answer: Answer): Case => ({
  number,
  what,
  outcome,
  answer,
});
const gives = (number: number, what: string, outcome: ImageOutcome, body: () => Promise<Uint8Array> | Uint8Array) =>
  answers(number, what, outcome, (_, response) => void Promise.resolve(body()).then((bytes) => response.end(bytes)));
const redirects =
  (location: string): Answer =>
  (_, response) =>
    void response.writeHead(302, { location }).end();
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end();
const png = (width: number, height: number) => encode(pattern(width, height), 'png');
const jpeg = (width: number, height: number) => encode(pattern(width, height), 'jpeg');

/** A PNG that says it is so large; its pixels are not there. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(100))), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

function crc32(bytes: Uint8Array): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

async function animation(frames: number): Promise<Buffer> {
  const { data } = pattern(4, 4 * frames);
  const raw = { width: 4, height: 4 * frames, channels: 3 as const, pageHeight: 4 };
  return sharp(data, { raw }).gif({ loop: 0 }).toBuffer();
}

const drip: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'image/png' });
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
};
const endless: Answer = (_, response) => {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  response.on('drain', more);
  more();
};

const CASES: readonly Case[] = [
  ...['http://127.0.0.2/', 'http://localhost/', 'http://0.0.0.0/', 'http://[::1]/', 'http://[::]/'].map((text) =>
    url(27, text, 'blocked_address'),
  ),
  ...['http://2130706434/', 'http://0x7f.2/', 'http://0177.0.0.2/', 'http://①②⑦.⓪.⓪.②/', 'http://%31%32%37.0.0.2/'].map(
    (text) => url(28, text, 'blocked_address'),
  ),
  ...['169.254.169.254', '[fd00:ec2::254]', '100.100.100.200', '168.63.129.16', '192.0.0.192'].map((host) =>
    url(29, `http://${host}/latest/meta-data/`, 'blocked_address'),
  ),
  ...['[::ffff:10.0.0.1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'].map((host) =>
    url(30, `http://${host}/`, 'blocked_address'),
  ),
  url(31, 'http://private.example/', 'blocked_address'),
  url(32, 'http://mixed.example/', 'blocked_address'),
  answers(34, 'redirect to a private address', 'blocked_redirect', redirects('http://127.0.0.2/')),
  answers(34, 'redirect to a file', 'blocked_redirect', redirects('file:///etc/passwd')),
  answers(34, 'redirect loop', 'too_many_redirects', redirects('/again')),
  ...[
    'file:///etc/passwd',
    'gopher://a.example/',
    'ftp://a.example/a.png',
    'data:image/png;base64,AAAA',
    'javascript:alert(1)',
  ].map((text) => url(36, text, 'scheme')),
  url(37, 'http://user:pw@a.example/', 'credentials'),
  ...[404, 410, 403].map((code) => answers(39, `status ${code}`, 'http_4xx', status(code))),
  answers(39, 'status 429, come back in a second', 'http_4xx', status(429, { 'retry-after': '1' })),
  answers(39, 'status 503, come back in an hour', 'http_5xx', status(503, { 'retry-after': '3600' })),
  answers(40, 'says it has 10 GB', 'too_large', (_, response) =>
    response.writeHead(200, { 'content-length': '10000000000' }).flushHeaders(),
  ),
  answers(41, 'a body without end', 'too_large', endless),
  answers(42, 'a byte now and then', 'timeout', drip),
  answers(43, 'a connection that breaks in the body', 'network', (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('x', () => response.destroy());
  }),
  answers(44, 'a bomb in gzip', 'content_encoding', (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1 << 24))),
  ),
  answers(45, 'a web page that says it is a PNG', 'not_image', (_, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end('<!doctype html><html>no</html>'),
  ),
  answers(46, 'a JPEG that says it is a web page', 'ok', (_, response) => {
    void jpeg(40, 30).then((bytes) => response.writeHead(200, { 'content-type': 'text/html' }).end(bytes));
  }),
  gives(47, 'SVG', 'unsupported_format', () =>
    Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
  ),
  gives(47, 'PDF', 'unsupported_format', () => Buffer.from('%PDF-1.7\n')),
  gives(47, 'HEIC', 'unsupported_format', () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')),
  gives(47, 'TIFF', 'unsupported_format', () => encode(pattern(9, 9), 'tiff')),
  gives(47, 'JPEG XL', 'unsupported_format', () => Buffer.from('\xff\x0a\xfa\x1f', 'latin1')),
  gives(48, '16,000 x 16,000 pixels in a few bytes', 'too_many_pixels', () => hugePng(16_000, 16_000)),
  gives(48, '60,000 x 60,000 pixels in a few bytes', 'too_many_pixels', () => hugePng(60_000, 60_000)),
  gives(48, 'no pixels', 'decode_error', () => hugePng(0, 0)),
  gives(49, 'a JPEG that breaks off', 'decode_error', async () => (await jpeg(300, 200)).subarray(0, 2_000)),
  gives(49, 'a JPEG with more behind it', 'ok', async () =>
    Buffer.concat([await jpeg(30, 20), Buffer.alloc(500, 'x')]),
  ),
  gives(50, '2,000 frames', 'ok', () => animation(2_000)),
  gives(51, 'CMYK', 'ok', () => CMYK_JPEG),
  gives(51, 'grey, 16 bits', 'ok', () => GREY16_PNG),
  gives(51, 'one pixel', 'ok', () => png(1, 1)),
  gives(51, '50,000 pixels in a row', 'ok', () => png(50_000, 1)),
  gives(51, 'turned by EXIF', 'ok', () =>
    sharp({ create: { width: 9, height: 5, channels: 3, background: 'red' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer(),
  ),
  gives(52, 'a JPEG that is a web page, too', 'ok', async () =>
    Buffer.concat([await jpeg(30, 20), Buffer.from('<script>alert(1)</script>')]),
  ),
  gives(0, 'nothing', 'decode_error', () => new Uint8Array()),
];

const post = (images: readonly string[], id = '1') => ({
  value: JSON.stringify({
    id,
    platform: 'x',
    text: 'Ana Lima moves to Lisbon',
    author: { id: 'a1' },
    createdAt: '2026-05-15T09:00:00.000Z',
    images,
  }),
});

describe('a bad picture', () => {
  let server: PictureServer;
  let loader: HttpImageLoader;
  const answersByPath = new Map<string, Answer>(
    CASES.flatMap(({ answer }, i) => (answer ? [[`/${i}`, answer] as const] : [])),
  );
  const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
    localhost: ['127.0.0.2'],
    'private.example': ['10.0.0.1'],
    'mixed.example': ['127.0.0.1', '192.168.0.1'],
  };

  beforeAll(async () => {
    server = await startPictureServer((request, response) => {
      const answer = answersByPath.get((request.url ?? '').split('?')[0] ?? '') ?? redirects('/again');
      answer(request, response);
    });
    loader = loopbackLoader({
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      resolve: async (host) => (ADDRESSES[host] ?? ['127.0.0.1']).map((address) => ({ address, family: 4 })),
    });
  });
  afterAll(async () => {
    await loader[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it.each(CASES.map((one, i) => [`${one.number}: ${one.what}`, one, i] as const))('%s', async (_, one, i) => {
    const source = one.url ?? `${server.url}/${i}`;
    const { extractions, letters, telemetry } = await runRecords([post([source])], loader);
    // The post is read whatever its picture is.
    expect(extractions[0]?.mentions.map(({ text }) => text)).toEqual(['Ana Lima', 'Lisbon']);
    expect(extractions[0]?.images).toMatchObject([{ source, outcome: one.outcome }]);
    expect(await counted(telemetry, 'pictures', { outcome: one.outcome })).toBe(1);
    expect(letters).toEqual([]);
  });

  it('38: other ports than those of the web', async () => {
    await using strict = loopbackLoader({
      rules: { allowAddress: () => true, allowPort: (port) => port === 80 || port === 443 },
    });
    const sources = [22, 6379, 9092].map((port) => `http://a.example:${port}/`);
    const { extractions } = await runRecords([post(sources)], strict);
    expect(extractions[0]?.images.map(({ outcome }) => outcome)).toEqual(['port', 'port', 'port']);
  });

  it('33: a name that is public once and private the next time is never connected to there', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let asked = 0;
    await using rebound = loopbackLoader({
      resolve: async () => (answers[asked++] ?? ['127.0.0.2']).map((address) => ({ address, family: 4 })),
    });
    const path = CASES.findIndex(({ number }) => number === 46);
    const source = (n: number) => `http://rebound.example:${server.port}/${path}?${n}`;
    const { extractions } = await runRecords([post([source(1)], '1')], rebound);
    expect(extractions[0]?.images[0]?.outcome).toBe('ok');
    // What the name says by then is never asked for.
    expect(asked).toBe(1);
  });

  it('53: more pictures than a post may have', async () => {
    const path = CASES.findIndex(({ number }) => number === 46);
    const sources = Array.from({ length: 50 }, (_, n) => `${server.url}/${path}?${n}`);
    const { extractions, telemetry } = await runRecords([post(sources)], loader);
    const outcomes = extractions[0]?.images.map(({ outcome }) => outcome) ?? [];
    expect(outcomes).toHaveLength(50);
    expect(outcomes.slice(4)).toEqual(Array.from({ length: 46 }, () => 'too_many_images'));
    expect(await counted(telemetry, 'pictures', { outcome: 'too_many_images' })).toBe(46);
  });

  it('54: one address in many posts is asked for once', async () => {
    const path = CASES.findIndex(({ number }) => number === 46);
    const before = server.requests.length;
    const posts = Array.from({ length: 500 }, (_, n) => post([`${server.url}/${path}?shared`], `${n}`));
    const { extractions } = await runRecords(posts, loader);
    expect(extractions).toHaveLength(500);
    expect(server.requests.length - before).toBe(1);
  });
});
