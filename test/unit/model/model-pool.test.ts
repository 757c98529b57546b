import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { GrapevineError } from '../../../src/errors.ts';
import type { ImageReply } from '../../../src/model/runtime/messages.ts';
import { ModelPool } from '../../../src/model/runtime/model-pool.ts';
import type { WorkerClient } from '../../../src/threads/worker-client.ts';
import { BUNDLE, bundleWithout, readManifest } from '../../helpers/model-bundle.ts';

const open = (workers: number, dir = BUNDLE) =>
  new ModelPool({ dir, manifest: readManifest(), device: 'cpu' }, workers);

describe('the model workers', () => {
  it('get their next job early while many wait, run all, and end after the jobs in progress', async () => {
    const pool = open(2);
    const empty = await pool.start();
    expect(empty.ner?.length).toBe(empty.re?.length);
    expect(empty.ner?.some((value) => value !== 0)).toBe(true);
    let running = 0;
    let most = 0;
    const job = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 4 }, () => pool.use(job)));
    expect(most).toBe(2);
    await Promise.all(Array.from({ length: 7 }, () => pool.use(job)));
    expect(most).toBe(4);

    const last = Promise.allSettled([pool.use(job), pool.use(job), pool.use(job)]);
    await pool[Symbol.asyncDispose]();
    expect((await last).map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(pool.use(job)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('do not close the decoders, which are those of the whole process, to one that decodes already', async () => {
    await using pool = open(2);
    await pool.start();
    // What another thread opened after the pool began would be closed again by a worker that limits the decoders itself.
    sharp.unblock({ operation: ['VipsForeignLoadTiffBuffer'] });
    const canvas = sharp(Buffer.alloc(12, 90), { raw: { width: 2, height: 2, channels: 3 } });
    const [bytes, tiff] = await Promise.all([canvas.clone().png().toBuffer(), canvas.clone().tiff().toBuffer()]);
    const decode = (worker: WorkerClient) => worker.call<ImageReply>('image', { bytes, crops: [undefined] });
    const replies = await Promise.all([pool.use(decode), pool.use(decode)]);
    expect(replies.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    expect(await sharp(tiff).metadata()).toMatchObject({ format: 'tiff' });
  });

  it('take the job that is wanted soonest', async () => {
    await using pool = open(1);
    const done: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const first = pool.use(() => gate);
    const jobs = (['later', 'next', 'soon', 'next'] as const).map((urgency, i) =>
      pool.use(
        async () => void done.push(`${urgency} ${i}`),
        () => urgency,
      ),
    );
    release();
    await Promise.all([first, ...jobs]);
    expect(done).toEqual(['soon 2', 'next 1', 'next 3', 'later 0']);
  });

  it('do again, and with nothing beside it, what ran on one that died', async () => {
    await using pool = open(1);
    await pool.start();
    const running = new Set<string>();
    const beside: string[][] = [];
    let ended = false;
    const job = (name: string) => async (worker: WorkerClient) => {
      beside.push([...running]);
      running.add(name);
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(name);
      if (ended) return name;
      if (name === 'b') ended = true;
      await worker[Symbol.asyncDispose]();
      throw new GrapevineError('WORKER_DIED', 'it died');
    };
    const jobs = ['a', 'b', 'c'].map((name) => pool.use(job(name)));
    expect(await Promise.all(jobs)).toEqual(['a', 'b', 'c']);
    expect(beside).toEqual([[], ['a'], [], [], []]);
  });

  it('are replaced when they die, and their job is done by another', async () => {
    await using pool = open(1);
    const workers: WorkerClient[] = [];
    const result = await pool.use(async (worker) => {
      workers.push(worker);
      if (workers.length > 1) return 'done';
      await worker[Symbol.asyncDispose]();
      throw new GrapevineError('WORKER_DIED', 'it died');
    });
    expect(result).toBe('done');
    expect(workers[1]).not.toBe(workers[0]);
  });

  it('give up on a job under which two of them died', async () => {
    await using pool = open(1);
    const dying = async (worker: WorkerClient) => {
      await worker[Symbol.asyncDispose]();
      throw new GrapevineError('WORKER_DIED', 'it died');
    };
    await expect(pool.use(dying)).rejects.toMatchObject({ code: 'WORKER_DIED' });
    expect(await pool.use(async () => 'alive')).toBe('alive');
  });

  it('name the graph that cannot be loaded', async () => {
    await using pool = open(1, bundleWithout('prefix.re.onnx'));
    await expect(pool.start()).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringContaining('prefix.re.onnx'),
    });
  });
});
