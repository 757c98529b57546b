import type { KafkaProducer } from './kafka-producer.ts';

/** Where posts are sent. */
export interface KafkaPostProducerOptions {
  readonly producer: KafkaProducer;
  readonly topic: string;
}

/** Puts posts in the native format into a topic: one JSON document a record, keyed by author. */
export class KafkaPostProducer {
  readonly #options: KafkaPostProducerOptions;

  constructor(options: KafkaPostProducerOptions) {
    this.#options = options;
  }

  /** Resolves when the post is acknowledged. Bytes go as they are; rejects with RECORD_TOO_LARGE. */
  write(line: Uint8Array | string): Promise<void> {
    const { producer, topic } = this.#options;
    return producer.send({ topic, key: postLineKey(line), value: line });
  }
}

/** The key of a native post: its author's id, else its own id, else null for what is no post. */
export function postLineKey(line: Uint8Array | string): string | null {
  try {
    const post: unknown = JSON.parse(typeof line === 'string' ? line : Buffer.from(line).toString());
    return idOf(fieldOf(post, 'author')) ?? idOf(post);
  } catch {
    return null;
  }
}

function idOf(value: unknown): string | null {
  const id = fieldOf(value, 'id');
  return typeof id === 'string' ? id : null;
}

function fieldOf(value: unknown, name: 'author' | 'id'): unknown {
  return typeof value === 'object' && value !== null ? (value as { author?: unknown; id?: unknown })[name] : undefined;
}
