import type { Extraction } from '../../domain/extraction.ts';
import { logKey } from '../../domain/post.ts';
import type { ExtractionSink } from '../extraction-sink.ts';
import type { KafkaProducer } from './kafka-producer.ts';

/** Where extractions are sent. */
export interface KafkaExtractionSinkOptions {
  readonly producer: KafkaProducer;
  readonly topic: string;
}

/** Writes extractions to a topic as JSON, keyed by author so that one author's posts stay in one partition. */
export class KafkaExtractionSink implements ExtractionSink {
  readonly #options: KafkaExtractionSinkOptions;

  constructor(options: KafkaExtractionSinkOptions) {
    this.#options = options;
  }

  write(extraction: Extraction): Promise<void> {
    const { producer, topic } = this.#options;
    return producer.send({ topic, key: logKey(extraction.post), value: JSON.stringify(extraction) });
  }

  /** Nothing to release: the producer is shared and its owner closes it. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
