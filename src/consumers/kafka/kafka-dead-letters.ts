import { GrapevineError } from '../../errors.ts';
import type { DeadLetters, Rejection } from '../dead-letters.ts';
import type { SourceRecord } from '../record-source.ts';
import type { KafkaRecord } from './intake.ts';
import type { KafkaProducer } from './kafka-producer.ts';

/** Where dead letters are sent. */
export interface KafkaDeadLettersOptions {
  readonly producer: KafkaProducer;
  /** Topic whose records are rejected; the letters go to `deadLetterTopic` of it. */
  readonly topic: string;
}

const MESSAGE_BYTES = 1024;
const ERROR_PREFIX = 'x-error-';
const FIRST_FAILED = 'x-error-first-failed-at';

/** The topic that keeps what could not be processed from another. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlt`;
}

/** Keeps rejected records in a topic: value, key and headers as they came, and headers that say where from and why. */
export class KafkaDeadLetters implements DeadLetters {
  readonly #options: KafkaDeadLettersOptions;

  constructor(options: KafkaDeadLettersOptions) {
    this.#options = options;
  }

  async write(record: SourceRecord, rejection: Rejection): Promise<void> {
    const { producer, topic } = this.#options;
    const letter = { topic: deadLetterTopic(topic), key: record.key, value: record.value };
    try {
      await producer.send({ ...letter, headers: letterHeaders(record, rejection, new Date()) });
    } catch (error) {
      if (!(error instanceof GrapevineError) || error.code === 'CLOSED') throw error;
      // A record that can be kept nowhere must not count as done, so the consumer ends here.
      const message = `keeping ${record.position} as a dead letter: ${error.message}`;
      throw new GrapevineError('KAFKA_FAILED', message, { cause: error });
    }
  }

  /** Nothing to release: the producer is shared and its owner closes it. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

/**
 * The headers of a dead letter. Those of an earlier rejection are replaced, or a letter that is replayed and rejected
 * again would grow without end; when it first failed is kept.
 */
export function letterHeaders(record: SourceRecord, rejection: Rejection, now: Date): SourceRecord['headers'] {
  const own = Object.entries(record.headers).filter(([name]) => !name.startsWith(ERROR_PREFIX));
  const added = {
    ...originOf(record),
    'x-error-class': rejection.reason,
    'x-error-message': truncate(rejection.message),
    'x-error-stage': rejection.stage,
    [FIRST_FAILED]: firstFailed(record) ?? now.toISOString(),
  };
  return Object.fromEntries([...own, ...Object.entries(added)]);
}

function originOf(record: SourceRecord & Partial<KafkaRecord>): Record<string, string> {
  const origin = {
    'x-original-topic': record.topic,
    'x-original-partition': record.partition,
    'x-original-offset': record.offset,
    'x-original-timestamp': record.timestampMs,
  };
  return Object.fromEntries(
    Object.entries(origin).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]])),
  );
}

function firstFailed({ headers }: SourceRecord): string | undefined {
  const header = Object.hasOwn(headers, FIRST_FAILED) ? headers[FIRST_FAILED] : undefined;
  const text = typeof header === 'string' || header instanceof Uint8Array ? Buffer.from(header).toString() : '';
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Cuts at whole characters. */
function truncate(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MESSAGE_BYTES) return message;
  let end = MESSAGE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
