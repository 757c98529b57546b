import { describe, expect, it } from 'vitest';
import { RecordQueue } from '../../../src/consumers/kafka/record-queue.ts';

const item = (id: number, bytes = 1) => ({ id, bytes });

describe('RecordQueue', () => {
  it('delivers in order, to a reader that waits and to one that does not', async () => {
    const queue = new RecordQueue<ReturnType<typeof item>>({ records: 10, bytes: 100 });
    const waiting = queue.next();
    for (let id = 0; id < 1000; id++) queue.push(item(id));
    expect((await waiting)?.id).toBe(0);
    for (let id = 1; id < 1000; id++) expect((await queue.next())?.id).toBe(id);
    expect(queue.records).toBe(0);
    expect(queue.bytes).toBe(0);
  });

  it('is full by records or by bytes, and low at half of both', async () => {
    const queue = new RecordQueue<ReturnType<typeof item>>({ records: 4, bytes: 100 });
    queue.push(item(1, 100));
    expect(queue.full).toBe(true);
    await queue.next();
    expect([queue.full, queue.low]).toEqual([false, true]);
    for (let id = 0; id < 4; id++) queue.push(item(id));
    expect([queue.full, queue.low]).toEqual([true, false]);
    await queue.next();
    expect([queue.full, queue.low]).toEqual([false, false]);
    await queue.next();
    expect(queue.low).toBe(true);
  });

  it('removes what does not pass and accounts for it', async () => {
    const queue = new RecordQueue<ReturnType<typeof item>>({ records: 10, bytes: 100 });
    for (let id = 0; id < 6; id++) queue.push(item(id, 10));
    await queue.next();
    expect(queue.retain(({ id }) => id % 2 === 0)).toBe(3);
    expect([queue.records, queue.bytes]).toEqual([2, 20]);
    expect((await queue.next())?.id).toBe(2);
  });

  it('drops what waits when it is closed and ends its reader', async () => {
    const queue = new RecordQueue<ReturnType<typeof item>>({ records: 10, bytes: 100 });
    const waiting = queue.next();
    queue.close();
    queue.push(item(1));
    expect(await waiting).toBeUndefined();
    expect(await queue.next()).toBeUndefined();
    expect(queue.records).toBe(0);
  });
});
