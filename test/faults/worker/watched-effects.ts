import type { ImageLoader } from '../../../src/consumers/images/image-loader.ts';
import type { GraphStore, PublishEvents, UpsertOutcome } from '../../../src/graph/graph-store.ts';
import type { Extractor } from '../../../src/model/extractor.ts';
import type { Telemetry } from '../../../src/telemetry/telemetry.ts';
import type { Counted, TraceWriter } from '../trace.ts';
import type { FailPoints } from './fail-points.ts';

/** Pictures that come through the point behind their loading. */
export function watchImages(images: ImageLoader, points: FailPoints): ImageLoader {
  return {
    async load(source) {
      const loaded = await images.load(source);
      points.pass('after-download', 'extract');
      return loaded;
    },
  };
}

/** An extractor that can hold posts back, and comes through the point behind a result. */
export function watchExtractor(extractor: Extractor, points: FailPoints): Extractor {
  return {
    info: extractor.info,
    languages: extractor.languages,
    async extract(input) {
      const output = await extractor.extract(input);
      await points.hold();
      points.pass('after-infer', 'extract');
      return output;
    },
    [Symbol.asyncDispose]: () => extractor[Symbol.asyncDispose](),
  };
}

/** A store that comes through the points around a transaction. The one inside it is hit from outside, on the wire. */
export function watchStore(store: GraphStore, points: FailPoints, trace: TraceWriter): GraphStore {
  return {
    async replacePosts(extractions) {
      const writing = store.replacePosts(extractions);
      points.pass('before-tx-commit', 'upsert');
      const outcomes = await writing;
      points.pass('after-tx-commit-before-ack', 'upsert');
      const posts = extractions.map(({ post }, i): [string, UpsertOutcome] => [
        JSON.stringify(post),
        outcomes[i] as UpsertOutcome,
      ]);
      trace.write({ what: 'stored', posts });
      return outcomes;
    },
    restore: (records) => store.restore(records),
    prune: (request) => store.prune(request),
    forgetEvents: () => store.forgetEvents(),
    relayEvents: (options) => store.relayEvents(options),
    eraseAuthor: (author, removePictures) => store.eraseAuthor(author, removePictures),
    decide: (ruling, options) => store.decide(ruling, options),
    decideAll: (asked) => store.decideAll(asked),
    releaseLease: (holder) => store.releaseLease(holder),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** A publisher that comes through the points around publishing. */
export function watchPublishing(publish: PublishEvents, points: FailPoints): PublishEvents {
  return async (events) => {
    points.pass('before-publish', 'upsert');
    await publish(events);
    points.pass('after-publish', 'upsert');
  };
}

/** Telemetry that puts into the trace what proves that a fault was felt. */
export function watchTelemetry(telemetry: Telemetry, trace: TraceWriter): Telemetry {
  const { events } = telemetry;
  const count = (name: Counted, of: string) => trace.write({ what: 'counted', name, of });
  return {
    ...telemetry,
    events: {
      ...events,
      commitFenced(fact) {
        count('fenced', fact.topic);
        events.commitFenced(fact);
      },
      staleDropped(fact) {
        count('stale', fact.stage);
        events.staleDropped(fact);
      },
      dependencyRetried(fact) {
        count('retried', fact.dependency);
        events.dependencyRetried(fact);
      },
    },
  };
}
