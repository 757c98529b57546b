import { expect, test } from 'vitest';
import type { FrameDecoder } from '../../../../src/consumers/formats/frame.ts';
import type { SourceRecord } from '../../../../src/consumers/record-source.ts';
import { type Frame, FrameRecordSource } from '../../../../src/consumers/sources/frame-record-source.ts';
import { createLogger } from '../../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts';

const at = '2026-01-02T03:04:05.000Z';
const events = ['a', 'b'].map((id) => ({ event: 'account.active', platform: 'x', author: { id }, at }) as const);

/** Runs one frame through a source whose decoder answers as given. */
async function expand(decoded: ReturnType<FrameDecoder['decode']>, frame: Partial<Frame> = {}) {
  const told: string[] = [];
  const whole: Frame = {
    value: Buffer.from('frame'),
    key: null,
    headers: {},
    position: 'line 1',
    done: () => told.push('done'),
    resumeAt: (cursor) => told.push(`resume at ${cursor}`),
    ...frame,
  };
  const delivered: SourceRecord[] = [];
  const source = new FrameRecordSource({
    frames: { run: (accept) => accept(whole), stop() {}, async [Symbol.asyncDispose]() {} },
    decoder: { decode: () => decoded },
    stage: 'source',
    events: createTelemetry(createLogger('silent')).events,
  });
  await source.run(async (record) => void delivered.push(record));
  return { told, delivered };
}

test('a frame of several records is done when the last of them is, however often each says so', async () => {
  const { told, delivered } = await expand({ records: events, cursor: '7' });
  expect(delivered.map(({ key, value }) => [String(key), JSON.parse(String(value)) as unknown])).toEqual(
    events.map((event) => [event.author.id, event]),
  );
  delivered[1]?.done();
  delivered[1]?.done();
  expect(told).toEqual(['resume at 7']);
  delivered[0]?.done();
  expect(told).toEqual(['resume at 7', 'done']);
});

test('a frame without records is done at once', async () => {
  expect((await expand({ records: [] })).told).toEqual(['done']);
  expect((await expand({ ignored: 'identity', cursor: '7' })).told).toEqual(['resume at 7', 'done']);
});

test('what cannot be read is delivered with its own bytes, and what came damaged as it is', async () => {
  const rejected = { reason: 'schema', message: 'no' } as const;
  const { told, delivered } = await expand({ rejected });
  expect(delivered).toMatchObject([{ value: Buffer.from('frame'), damage: rejected }]);
  expect(told).toEqual([]);
  const damage = { reason: 'too_large', message: 'long' };
  expect((await expand({ records: [] }, { value: null, damage })).delivered).toMatchObject([{ value: null, damage }]);
});
