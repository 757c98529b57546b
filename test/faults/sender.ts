import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import type { PostStream, SentRecord } from './posts.ts';

const RETRY_MS = 200;
const PIECE = 20;

/** Sends posts and remembers what the brokers acknowledged. */
export class Sender implements AsyncDisposable {
  /** Values of acknowledged records, one for each time. */
  readonly acked: string[] = [];
  /** Values of records in transactions that were called off: nobody may ever see them. */
  readonly calledOff: string[] = [];
  readonly #plain: Producer;
  readonly #transactional: Producer;
  readonly #topic: string;
  readonly #stream: PostStream;
  #givenUp = false;

  private constructor(kafka: Kafka, topic: string, stream: PostStream) {
    const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
    this.#topic = topic;
    this.#stream = stream;
    this.#plain = kafka.producer({ createPartitioner, allowAutoTopicCreation: false });
    this.#transactional = kafka.producer({
      createPartitioner,
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
    });
  }

  static async open(kafka: Kafka, topic: string, stream: PostStream): Promise<Sender> {
    const sender = new Sender(kafka, topic, stream);
    await sender.#plain.connect();
    await sender.#transactional.connect();
    return sender;
  }

  /** Sends the stream's next posts, some of them in transactions: their markers are gaps in the offsets. */
  async send(count: number): Promise<void> {
    for (let left = count, piece = 0; left > 0; left -= PIECE, piece++) {
      const records = this.#stream.take(Math.min(PIECE, left));
      if (piece % 3 === 1) await this.#sendTogether(records);
      else await this.#sendPlain(records);
    }
  }

  /** Sends the stream's next posts however often it takes; a post may be in the log twice then. */
  async insist(count: number): Promise<void> {
    await this.#sendPlain(this.#stream.take(count));
  }

  /** Sends a last post to each partition, so that none ends in a gap. */
  async close(partitions: number): Promise<void> {
    await this.#sendPlain(this.#stream.closing(partitions));
  }

  /** Ends the trying. */
  giveUp(): void {
    this.#givenUp = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.#plain.disconnect(), this.#transactional.disconnect()]);
  }

  async #sendPlain(messages: readonly SentRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.#plain.send({ topic: this.#topic, acks: -1, messages: [...messages] });
        break;
      } catch (error) {
        if (this.#givenUp) throw error;
        await sleep(RETRY_MS);
        // After an outage the client's picture of the brokers may be broken, which only a new connection mends.
        await this.#plain.disconnect().catch(() => {});
        await this.#plain.connect().catch(() => {});
      }
    }
    this.acked.push(...messages.map(({ value }) => value));
  }

  async #sendTogether(records: readonly SentRecord[]): Promise<void> {
    const ghosts = records.slice(0, 3).map(({ key, value }) => ({ key, value: `${value} ` }));
    const calledOff = await this.#transactional.transaction();
    await calledOff.send({ topic: this.#topic, messages: ghosts });
    await calledOff.abort();
    this.calledOff.push(...ghosts.map(({ value }) => value));
    const transaction = await this.#transactional.transaction();
    await transaction.send({ topic: this.#topic, messages: [...records] });
    await transaction.commit();
    this.acked.push(...records.map(({ value }) => value));
  }
}
