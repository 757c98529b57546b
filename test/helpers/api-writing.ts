import type { Writing } from '../../src/api/writing.ts';
import { loadConfig } from '../../src/config.ts';
import { FileImageLoader } from '../../src/consumers/images/file-image-loader.ts';
import { RouteImageLoader } from '../../src/consumers/images/route-image-loader.ts';
import { ThumbnailingImageLoader } from '../../src/consumers/images/thumbnailing-image-loader.ts';
import { Lazy } from '../../src/consumers/runtime/lazy.ts';
import type { RecordSink } from '../../src/consumers/source.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import type { PictureStore } from '../../src/graph/picture-store.ts';
import { openWriting } from '../../src/main-submit.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';
import { namesExtractor } from './stage-run.ts';

/** The writing side of the API as it ships, with a stand-in for the model that knows a few names. */
export function testWriting(options: {
  store: GraphStore;
  telemetry: Telemetry;
  pictures?: PictureStore | undefined;
  log?: RecordSink;
}): Writing & AsyncDisposable {
  const { store, telemetry, pictures, log } = options;
  return openWriting({
    config: loadConfig({}),
    telemetry,
    store,
    extractor: new Lazy(async () => namesExtractor),
    openImages: async (uploads, keeps) => {
      const images = new RouteImageLoader({
        files: new FileImageLoader({ root: undefined }),
        remote: undefined,
        uploads,
      });
      return keeps && pictures ? new ThumbnailingImageLoader({ images, pictures, events: telemetry.events }) : images;
    },
    openLog: log && (async () => log),
    onCommit: () => {},
  });
}
