import type { Kafka } from 'kafkajs';
import { deadLetterTopic } from '../../src/consumers/kafka/kafka-dead-letters.ts';
import { type ScannedRecord, scanTopics } from '../../src/consumers/kafka/scan-topics.ts';
import type { GraphEvent } from '../../src/domain/graph.ts';
import { digest } from '../../src/graph/digest.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import type { GraphPlace, Orders } from './worker/orders.ts';
import { openGraph } from './worker/stages.ts';

/** What a run left, in Kafka and in the graph. */
export interface Findings {
  readonly posts: readonly ScannedRecord[];
  readonly extractions: readonly ScannedRecord[];
  /** Dead letters of either stage. */
  readonly letters: { readonly extract: readonly ScannedRecord[]; readonly upsert: readonly ScannedRecord[] };
  /** Events as they were published, repeats included. */
  readonly published: readonly GraphEvent[];
  /** Events of the outbox in the order of their positions. */
  readonly outbox: readonly GraphEvent[];
  /** Lines of the graph's digest. */
  readonly lines: readonly string[];
  readonly digest: string;
}

const PAGE = 1000;

/** Reads everything back. */
export async function look(kafka: Kafka, topics: Orders['topics'], place: GraphPlace): Promise<Findings> {
  const names = { ...topics, extract: deadLetterTopic(topics.posts), upsert: deadLetterTopic(topics.extractions) };
  const read = new Map<string, ScannedRecord[]>(Object.values(names).map((topic) => [topic, []]));
  const { signal } = new AbortController();
  await scanTopics([...read.keys()], { kafka, groupPrefix: 'look', signal }, (record) => {
    read.get(record.topic)?.push(record);
  });
  const of = (topic: string) => read.get(topic) ?? [];
  const graph = await openGraph(place);
  await using _store = graph.store;
  await using reader = graph.reader;
  const lines: string[] = [];
  for await (const line of reader.digestLines()) lines.push(line);
  return {
    posts: of(names.posts),
    extractions: of(names.extractions),
    letters: { extract: of(names.extract), upsert: of(names.upsert) },
    published: of(names.events).map(({ value }) => JSON.parse(String(value)) as GraphEvent),
    outbox: await outboxOf(reader),
    lines,
    digest: await digest(reader),
  };
}

async function outboxOf(reader: GraphReader): Promise<readonly GraphEvent[]> {
  const events: GraphEvent[] = [];
  for (;;) {
    const more = await reader.eventsAfter(events.at(-1)?.position ?? 0, PAGE);
    if (more.length === 0) return events;
    events.push(...more);
  }
}
