import type { Extraction } from '../../domain/extraction.ts';
import type { Post, Tombstone } from '../../domain/post.ts';
import { type Kept, refuse, type Taken } from '../../domain/submission.ts';
import type { GraphStore, UpsertOutcome } from '../../graph/graph-store.ts';
import type { Events } from '../../telemetry/events.ts';
import type { Circuit } from '../runtime/circuit.ts';
import { withRetry } from '../runtime/retry.ts';
import type { KeepRecord, ReadPost } from './post-desk.ts';

/** What posts are put into the graph with. */
export interface GraphKeeperOptions {
  readonly store: GraphStore;
  /** Of the store. */
  readonly circuit: Circuit;
  readonly read: ReadPost;
  readonly events: Events;
  /** Called after each transaction. */
  readonly onCommit: () => void;
}

/** Longest time a store that fails in passing is tried again; whoever sent the post waits for it. */
const PATIENCE_MS = 5_000;

/** A deletion is not read by any model. */
const NOT_READ = { bundle: '', generation: 0 };

/** Reads posts and puts them into the graph, by the same transaction as every other. */
export function keepInGraph(options: GraphKeeperOptions): KeepRecord {
  const { store, circuit, read, events, onCommit } = options;
  return async (record) => {
    if (record.event) return refuse(null, 'BAD_POST', 'events about posts and accounts come by a source');
    const extraction = record.deleted ? deletionOf(record) : await read(record);
    const started = performance.now();
    const [outcome = 'unchanged'] = await withRetry(() => store.replacePosts([extraction]), {
      circuit,
      events,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    events.batchUpserted({ outcomes: { [outcome]: 1 }, seconds: (performance.now() - started) / 1000 });
    onCommit();
    return answer(outcome, record);
  };
}

function deletionOf(post: Tombstone): Extraction {
  return { schema: 1, post, extractor: NOT_READ, images: [], mentions: [], relations: [], skipped: 'deleted' };
}

function answer(outcome: UpsertOutcome, { version }: Post | Tombstone): Taken<Kept> {
  switch (outcome) {
    case 'created':
    case 'replaced':
    case 'unchanged':
    case 'hidden':
    case 'deleted':
      return { taken: outcome };
    case 'stale_version':
      return refuse('version', 'STALE_VERSION', `a version above ${version} of this post is kept already`);
    case 'conflicting_content':
      return refuse(
        'version',
        'CONFLICTING_CONTENT',
        `version ${version} of this post is kept with other content; give a higher one to replace it`,
      );
    case 'lower_generation':
      return refuse(null, 'LOWER_GENERATION', 'a newer model has read this version of the post already');
    case 'tombstoned':
      return refuse('id', 'DELETED', 'this post, or its account, was deleted, and stays so');
    case 'restored':
    case 'marked':
    case 'event_not_applied':
      // Outcomes of events, which do not come this way.
      return { taken: 'unchanged' };
    default:
      return outcome satisfies never;
  }
}
