import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FileImageLoader } from '../../../src/consumers/images/file-image-loader.ts';
import type { LoadedImage } from '../../../src/domain/image.ts';

let base: string;
let root: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'grapevine-images-'));
  root = join(base, 'root');
  await mkdir(join(root, 'images'), { recursive: true });
  await writeFile(join(root, 'images', 'a.png'), 'picture');
  await writeFile(join(root, 'large.png'), Buffer.alloc(2000));
  await writeFile(join(base, 'secret.png'), 'secret');
  await symlink(join(base, 'secret.png'), join(root, 'out.png'));
  await symlink(join(root, 'images', 'a.png'), join(root, 'in.png'));
  await symlink(base, join(root, 'up'));
  execFileSync('mkfifo', [join(root, 'pipe.png')]);
});

afterAll(() => rm(base, { recursive: true, force: true }));

test('reads a regular file below the root, also through a link that stays there', async () => {
  const loader = new FileImageLoader({ root });
  const sha256 = createHash('sha256').update('picture').digest('hex');
  for (const source of ['images/a.png', 'in.png', 'images/../images/./a.png']) {
    expect(await loader.load(source)).toMatchObject({ bytes: new Uint8Array(Buffer.from('picture')), sha256 });
  }
});

test('holds the bytes of few pictures at once: the next is read when one is released', async () => {
  const loader = new FileImageLoader({ root });
  const held: LoadedImage[] = [];
  const loads = Array.from({ length: 20 }, () => loader.load('images/a.png').then((image) => held.push(image)));
  while (held.length < 16) await new Promise((resolve) => setImmediate(resolve));
  await loader.load('images/none.png');
  expect(held).toHaveLength(16);
  for (const image of held) if ('bytes' in image) image.release?.();
  await Promise.all(loads);
  expect(held).toHaveLength(20);
});

test.each([
  ['../secret.png', 'outside_root'],
  ['images/../../secret.png', 'outside_root'],
  ['/etc/passwd', 'outside_root'],
  ['out.png', 'outside_root'],
  ['up/secret.png', 'outside_root'],
  ['a\0.png', 'outside_root'],
  ['images/none.png', 'missing'],
  ['', 'not_a_file'],
  ['images', 'not_a_file'],
  ['pipe.png', 'not_a_file'],
  ['large.png', 'too_large'],
  ['https://example.org/a.png', 'missing'],
  ['file:///etc/passwd', 'missing'],
  ['x'.repeat(4096), 'missing'],
])('%s is %s', async (source, outcome) => {
  expect(await new FileImageLoader({ root, maxBytes: 1000 }).load(source)).toEqual({ outcome });
});

test('without a root, or with one that is not there, nothing is read', async () => {
  expect(await new FileImageLoader({ root: undefined }).load('images/a.png')).toEqual({ outcome: 'no_image_root' });
  expect(await new FileImageLoader({ root: join(base, 'none') }).load('images/a.png')).toEqual({ outcome: 'missing' });
});
