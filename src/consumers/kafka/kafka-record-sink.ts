import type { NativeRecord, RecordSink } from '../source.ts';
import type { KafkaProducer } from './kafka-producer.ts';

/** Where the records of a live source are sent. */
export interface KafkaRecordSinkOptions {
  readonly producer: KafkaProducer;
  readonly topic: string;
}

/** Writes records of the native format to a topic, keyed by author so that one author's posts stay in one partition. */
export class KafkaRecordSink implements RecordSink {
  readonly #options: KafkaRecordSinkOptions;

  constructor(options: KafkaRecordSinkOptions) {
    this.#options = options;
  }

  write({ key, value }: NativeRecord): Promise<void> {
    const { producer, topic } = this.#options;
    return producer.send({ topic, key, value });
  }

  /** Nothing to release: the producer is shared and its owner closes it. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
