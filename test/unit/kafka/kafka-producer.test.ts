import fc from 'fast-check';
import type { Kafka, ProducerBatch } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { KafkaProducer } from '../../../src/consumers/kafka/kafka-producer.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

/** A broker of one topic and partition that takes a batch whole or refuses it whole. */
class FakeBroker {
  readonly log: string[] = [];
  readonly batches: number[] = [];
  connects = 0;
  disconnects = 0;
  busy = 0;
  mostBusy = 0;
  refuse: (values: readonly string[]) => Error | undefined = () => undefined;

  get kafka(): Kafka {
    const producer = {
      connect: async () => void this.connects++,
      disconnect: async () => void this.disconnects++,
      sendBatch: (batch: ProducerBatch) => this.#take(batch),
    };
    return { producer: () => producer } as unknown as Kafka;
  }

  async #take({ topicMessages, acks }: ProducerBatch): Promise<void> {
    expect(acks).toBe(-1);
    this.mostBusy = Math.max(this.mostBusy, ++this.busy);
    await new Promise((resolve) => setImmediate(resolve));
    this.busy--;
    const values = (topicMessages ?? []).flatMap(({ messages }) => messages.map(({ value }) => String(value)));
    const refusal = this.refuse(values);
    if (refusal) throw refusal;
    this.batches.push(values.length);
    this.log.push(...values);
  }
}

/** An error with another behind it, as the client wraps what it meets. */
function wrapped(cause: Error): Error {
  return Object.assign(new Error(cause.message), { cause });
}

/** A broker's answer as the client tells it. */
function brokerError(type: string): Error {
  return wrapped(Object.assign(new Error(type), { type }));
}

function makeProducer(broker: FakeBroker): KafkaProducer {
  const telemetry = createTelemetry(createLogger('silent'));
  return new KafkaProducer({ kafka: broker.kafka, telemetry, ackTimeoutMs: 1000, retryMs: 1 });
}

describe('KafkaProducer', () => {
  it('keeps order through refusals and failures, one request at a time, and loses only what is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ big: fc.boolean(), length: fc.nat(300) }), { minLength: 1, maxLength: 60 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (records, outages) => {
          const broker = new FakeBroker();
          const trouble = [...outages];
          broker.refuse = (values) => {
            if (trouble.shift()) return wrapped(new Error('ECONNRESET'));
            const tooLarge = values.some((value) => value.startsWith('big'));
            return tooLarge ? brokerError('MESSAGE_TOO_LARGE') : undefined;
          };
          const producer = makeProducer(broker);
          const values = records.map(({ big, length }, i) => `${big ? 'big' : 'ok'} ${i} ${'x'.repeat(length)}`);
          const results = await Promise.allSettled(
            values.map((value) => producer.send({ topic: 't', key: 'k', value })),
          );
          expect(results.map(({ status }) => status === 'rejected')).toEqual(records.map(({ big }) => big));
          expect(broker.log).toEqual(values.filter((value) => value.startsWith('ok')));
          expect(broker.mostBusy).toBe(1);
          await producer[Symbol.asyncDispose]();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('tells a record that is too large from one that is refused', async () => {
    const broker = new FakeBroker();
    const producer = makeProducer(broker);
    broker.refuse = () => brokerError('RECORD_LIST_TOO_LARGE');
    await expect(producer.send({ topic: 't', key: null, value: 'v' })).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      retryable: false,
    });
    broker.refuse = () => brokerError('INVALID_RECORD');
    await expect(producer.send({ topic: 't', key: null, value: 'v' })).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      retryable: false,
    });
  });

  it('does not send what no broker can take', async () => {
    const broker = new FakeBroker();
    const producer = makeProducer(broker);
    const value = Buffer.alloc((64 << 20) + 1);
    await expect(producer.send({ topic: 't', key: null, value })).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    expect(broker.connects).toBe(0);
  });

  it('bounds a batch by its bytes', async () => {
    const broker = new FakeBroker();
    const producer = makeProducer(broker);
    const value = 'x'.repeat(200 << 10);
    await Promise.all(Array.from({ length: 5 }, () => producer.send({ topic: 't', key: null, value })));
    expect(broker.batches).toEqual([2, 2, 1]);
  });

  it('starts the client over when its own state is broken', async () => {
    const broker = new FakeBroker();
    const producer = makeProducer(broker);
    let broken = true;
    broker.refuse = () => {
      if (!broken) return undefined;
      broken = false;
      return wrapped(new TypeError('undefined is not an object'));
    };
    await producer.send({ topic: 't', key: null, value: 'v' });
    expect([broker.connects, broker.disconnects]).toEqual([2, 1]);
    expect(broker.log).toEqual(['v']);
  });
});
