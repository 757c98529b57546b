import { copyFile, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo', import.meta.url));

function post(id: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const text = `Mara Lindqvist joins Harbour Robotics in Rotterdam, says ${id}`;
  return { id, platform: 'x', text, author: { id: 'a1' }, createdAt: '2026-05-15T09:00:00Z', ...fields };
}

async function digestOf(database: string): Promise<string> {
  const { stdout } = await runCli(['graph', 'digest', '--graph', `sqlite:${database}`]);
  return stdout.trim();
}

describe('grapevine ingest', () => {
  test('every bad line and every bad picture ends in a counted, named outcome, and the run goes on', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'images'));
    await copyFile(join(DEMO, 'images/rocket.jpg'), join(folder, 'images/good.jpg'));
    await copyFile(join(DEMO, 'images/rocket.jpg'), join(folder, 'images/cut.jpg'));
    await truncate(join(folder, 'images/cut.jpg'), 5000);
    await writeFile(join(folder, 'images/html.png'), '<html>no picture</html>');
    await writeFile(
      join(folder, 'images/drawing.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    );
    await writeFile(join(folder, 'images/huge.png'), await hugePngHeader());
    await symlink('/etc/hostname', join(folder, 'images/link.jpg'));
    const pictures = ['good.jpg', 'cut.jpg', 'html.png', 'drawing.svg', 'huge.png', 'link.jpg', 'none.jpg'];
    const lines: (string | Uint8Array)[] = [
      ...pictures.map((name, i) => JSON.stringify(post(`picture-${i}`, { images: [`images/${name}`] }))),
      JSON.stringify(post('up', { images: ['../../etc/passwd'] })),
      JSON.stringify(post('url', { images: ['http://127.0.0.1/a.png'] })),
      JSON.stringify(post('none')),
      '{"id": "cut off',
      JSON.stringify(post('long', { text: 'x'.repeat(1_100_000) })),
      Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d),
      JSON.stringify({ ...post('gone'), id: undefined }),
      JSON.stringify(post('norwegian', { lang: 'no' })),
      JSON.stringify(post('none')),
    ];
    const file = join(folder, 'posts.jsonl');
    await writeFile(file, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));
    const { code, stdout, stderr } = await runCli([
      'ingest',
      file,
      '--graph',
      `sqlite:${join(folder, 'x.db')}`,
      '--json',
    ]);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      posts: 16,
      stored: 12,
      unchanged: 1,
      extracted: 11,
      textOnly: {
        decode_error: 1,
        not_image: 1,
        unsupported_format: 1,
        too_many_pixels: 1,
        outside_root: 2,
        missing: 1,
        blocked_address: 1,
        no_picture: 2,
      },
      skipped: { unsupported_language: 1 },
      rejected: { parse: 1, too_large: 1, decode: 1, schema: 1 },
    });
  });

  test('says which lines were rejected and why', async () => {
    const folder = await temporaryFolder();
    const input = `${JSON.stringify(post('1'))}\n\nnot json\n{"id": 7}\n`;
    const { code, stdout, stderr } = await runCli(['ingest', '-', '--graph', `sqlite:${join(folder, 'x.db')}`], {
      input,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/rejected line 3: parse: /);
    expect(stderr).toMatch(/rejected line 4: schema: .*field id/);
    expect(stdout).toMatch(/stored +1\n/);
  });

  test('the same posts give the same digest, however often and in whatever batches; another post changes it', async () => {
    const folder = await temporaryFolder();
    const [one, other] = [join(folder, 'one.db'), join(folder, 'other.db')];
    const file = join(DEMO, 'posts.jsonl');
    const ingest = (database: string, env: Record<string, string> = {}) =>
      runCli(['ingest', file, '--graph', `sqlite:${database}`, '--json'], { env });
    const first = JSON.parse((await ingest(one)).stdout);
    expect(first.textOnly).not.toHaveProperty('no_image_root');
    expect(first.entities).toBeGreaterThan(20);
    expect(first.facts).toBeGreaterThan(10);
    await ingest(other, { UPSERT_BATCH: '1', WINDOW_RECORDS: '3', BATCH_TOKENS: '64' });
    const digest = await digestOf(one);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf(other)).toBe(digest);
    const again = JSON.parse((await ingest(one, { UPSERT_BATCH: '7' })).stdout);
    expect(again.stored + (again.skipped.stale_version ?? 0) + (again.skipped.tombstoned ?? 0)).toBe(again.posts);
    expect(await digestOf(one)).toBe(digest);
    await runCli(['ingest', '-', '--graph', `sqlite:${one}`], { input: JSON.stringify(post('another')) });
    expect(await digestOf(one)).not.toBe(digest);
  });
});

/** The start of a PNG that claims 60,000 x 60,000 pixels. */
async function hugePngHeader(): Promise<Buffer> {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  png.writeUInt32BE(60_000, 16);
  png.writeUInt32BE(60_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
