import type * as SinkModule from '../../src/consumers/graph-extraction-sink.ts';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import type * as LoggerModule from '../../src/telemetry/logger.ts';
import type * as TelemetryModule from '../../src/telemetry/telemetry.ts';
import { built } from '../harness/built.ts';

/**
 * Writes posts as a consumer does: through its sink, with as many again waiting as are written in one transaction.
 *
 * @param size posts of one transaction
 */
export async function fillGraph(store: GraphStore, posts: Iterable<Extraction>, size: number): Promise<void> {
  const [{ GraphExtractionSink }, { createLogger }, { createTelemetry }] = await Promise.all([
    built<typeof SinkModule>('consumers/graph-extraction-sink.ts'),
    built<typeof LoggerModule>('telemetry/logger.ts'),
    built<typeof TelemetryModule>('telemetry/telemetry.ts'),
  ]);
  const telemetry = createTelemetry(createLogger('silent'));
  const { signal } = new AbortController();
  await using sink = new GraphExtractionSink({ store, batchSize: size, telemetry, signal });
  const writing: Promise<void>[] = [];
  for (const post of posts) {
    writing.push(sink.write(post));
    if (writing.length === 2 * size) await Promise.all(writing.splice(0, size));
  }
  await Promise.all(writing);
}
