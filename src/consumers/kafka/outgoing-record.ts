import type { Message, TopicMessages } from 'kafkajs';
import type { SourceRecord } from '../record-source.ts';

/** A record to send. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: Uint8Array | string | null;
  readonly value: Uint8Array | string | null;
  readonly headers?: SourceRecord['headers'];
}

type Header = SourceRecord['headers'][string];

/** Bytes of key, value and headers. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = (key ? Buffer.byteLength(key) : 0) + (value ? Buffer.byteLength(value) : 0);
  for (const [name, header] of Object.entries(headers ?? {})) {
    for (const part of partsOf(header)) bytes += Buffer.byteLength(name) + part.length;
  }
  return bytes;
}

/** Records in the client's shape, grouped by topic and in their order. */
export function toTopicMessages(records: readonly OutgoingRecord[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const record of records) {
    const messages = topics.get(record.topic) ?? [];
    topics.set(record.topic, messages);
    messages.push(toMessage(record));
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

function toMessage({ key, value, headers }: OutgoingRecord): Message {
  const entries = Object.entries(headers ?? {}).map(([name, header]) => [name, partsOf(header)] as const);
  // `fromEntries` makes own properties of every name, `__proto__` included.
  return { key: toBuffer(key), value: toBuffer(value), headers: Object.fromEntries(entries) };
}

/** The values of a header, one for each time its name occurs. */
function partsOf(header: Header): Buffer[] {
  const parts = Array.isArray(header) ? header : [header];
  // Kafka allows a header without a value; the client reads it as null but fails to write it.
  return parts.map((part) => toBuffer(part ?? '') ?? Buffer.alloc(0));
}

function toBuffer(bytes: Uint8Array | string | null): Buffer | null {
  if (bytes === null) return null;
  if (typeof bytes === 'string') return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
