import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { type S3Server, startS3 } from '../../scripts/servers/s3.mjs';
import type { PictureStore } from '../../src/graph/picture-store.ts';
import { FolderPictureStore } from '../../src/graph/pictures/folder-picture-store.ts';
import { S3PictureStore } from '../../src/graph/pictures/s3-picture-store.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const BUCKET = 'pictures';
const canRun = available().ok;

let folder: string;
let s3: S3Server | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grapevine-pictures-'));
  if (canRun) s3 = await startS3({ buckets: [BUCKET] });
});

afterAll(async () => {
  await s3?.stop();
  await rm(folder, { recursive: true, force: true });
});

function s3Store(changes: Partial<ConstructorParameters<typeof S3PictureStore>[0]> = {}): PictureStore {
  const { endpoint = '', accessKeyId = '', secretAccessKey = '' } = s3 ?? {};
  const credentials = { accessKeyId, secretAccessKey };
  const options = {
    bucket: BUCKET,
    prefix: 'kept/small',
    region: 'us-east-1',
    endpoint,
    credentials,
    timeoutMs: 5_000,
  };
  return new S3PictureStore({ ...options, ...changes });
}

async function listed(store: PictureStore): Promise<string[]> {
  const found: string[] = [];
  for await (const sha256 of store.list()) found.push(sha256);
  return found.toSorted();
}

describe.each([
  ['a folder', () => new FolderPictureStore(join(folder, 'store')), false],
  ['an S3-compatible bucket', () => s3Store(), !canRun],
] as const)('a picture store in %s', (_, open, skipped) => {
  it.skipIf(skipped)('gives back what was put, by its hash, to every other user of the store', async () => {
    await using one = open();
    await using other = open();
    const [first, second, unknown] = [hashOf('first'), hashOf('second'), hashOf('unknown')];
    expect(await listed(one)).toEqual([]);
    await one.put(first, Buffer.from('one'));
    await one.put(second, Buffer.from([0, 255, 10, 13]));
    expect(Buffer.from((await other.get(first)) ?? [])).toEqual(Buffer.from('one'));
    expect(Buffer.from((await other.get(second)) ?? [])).toEqual(Buffer.from([0, 255, 10, 13]));
    expect([await other.has(first), await other.has(unknown)]).toEqual([true, false]);
    expect(await other.get(unknown)).toBeUndefined();
    expect(await listed(other)).toEqual([first, second].toSorted());
    await other.delete(first);
    await other.delete(first);
    expect([await one.has(first), await one.get(first)]).toEqual([false, undefined]);
    expect(await listed(one)).toEqual([second]);
    await one.delete(second);
  });

  it.skipIf(skipped)('may be told the same picture by many at once', async () => {
    await using store = open();
    const sha256 = hashOf('shared');
    const content = Buffer.alloc(100_000, 'x');
    await Promise.all(Array.from({ length: 8 }, () => store.put(sha256, content)));
    expect(Buffer.from((await store.get(sha256)) ?? []).equals(content)).toBe(true);
    expect(await listed(store)).toEqual([sha256]);
    await store.delete(sha256);
  });

  it.skipIf(skipped)('takes nothing but hashes for names', async () => {
    await using store = open();
    for (const name of ['../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
      await expect(store.put(name, Buffer.from('x'))).rejects.toThrow(RangeError);
      await expect(store.get(name)).rejects.toThrow(RangeError);
      await expect(store.delete(name)).rejects.toThrow(RangeError);
    }
  });
});

describe('a picture store in a folder', () => {
  it('leaves nothing half written behind, and passes over what is not its own', async () => {
    const path = join(folder, 'odd');
    await using store = new FolderPictureStore(path);
    const sha256 = hashOf('odd');
    await store.put(sha256, Buffer.from('x'));
    expect(await readdir(join(path, sha256.slice(0, 2)))).toEqual([`${sha256}.webp`]);
    expect(await listed(store)).toEqual([sha256]);
  });

  it('says so when it cannot write', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await using store = new FolderPictureStore(file);
    await expect(store.put(hashOf('x'), Buffer.from('x'))).rejects.toMatchObject({
      code: 'PICTURE_STORE_FAILED',
      retryable: true,
    });
  });
});

describe.skipIf(!canRun)('a picture store in a bucket', () => {
  it('says so when the bucket is not there, the key is wrong, or nobody answers', async () => {
    const endpoint = 'http://127.0.0.1:1';
    const credentials = { accessKeyId: 'grapevine', secretAccessKey: 'wrong' };
    for (const changes of [{ bucket: `b-${randomUUID()}` }, { credentials }, { endpoint }]) {
      await using store = s3Store(changes);
      await expect(store.put(hashOf('x'), Buffer.from('x'))).rejects.toMatchObject({
        code: 'PICTURE_STORE_FAILED',
        retryable: true,
        message: expect.not.stringContaining('wrong'),
      });
    }
  });

  it('reports a missing bucket when reading, too, rather than a missing picture', async () => {
    await using store = s3Store({ bucket: `b-${randomUUID()}` });
    await expect(store.get(hashOf('x'))).rejects.toMatchObject({ code: 'PICTURE_STORE_FAILED' });
  });
});
