// The part of the composition root that takes posts and pictures through the API.
import type { Writing } from './api/writing.ts';
import type { Config } from './config.ts';
import { extractPost } from './consumers/extract.ts';
import type { ImageLoader } from './consumers/images/image-loader.ts';
import { UploadedPictures } from './consumers/images/uploaded-pictures.ts';
import { Circuit } from './consumers/runtime/circuit.ts';
import { Lazy } from './consumers/runtime/lazy.ts';
import type { RecordSink } from './consumers/source.ts';
import { keepInGraph } from './consumers/submit/keep-in-graph.ts';
import { keepInLog } from './consumers/submit/keep-in-log.ts';
import { PostDesk, type ReadPost } from './consumers/submit/post-desk.ts';
import type { GraphStore } from './graph/graph-store.ts';
import type { Extractor } from './model/extractor.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** What the writing side of the API is made of. */
export interface WritingParts {
  readonly config: Config;
  readonly telemetry: Telemetry;
  readonly store: GraphStore;
  /** The model, loaded when the first post comes. */
  readonly extractor: Lazy<Extractor>;
  /** Opens the loader of pictures that also finds those which were sent; `keeps` says whether it keeps small copies. */
  readonly openImages: (uploads: ImageLoader, keeps: boolean) => Promise<ImageLoader & AsyncDisposable>;
  /** Opens the log that posts are sent to; undefined where they go straight into the graph. */
  readonly openLog: (() => Promise<RecordSink>) | undefined;
  readonly onCommit: () => void;
}

/** Opens the writing side of the API. */
export function openWriting(parts: WritingParts): Writing & AsyncDisposable {
  const { config, telemetry, store, extractor, openImages, openLog, onCommit } = parts;
  const uploads = new UploadedPictures();
  const looking = new Lazy(() => openImages(uploads, false));
  const keeping = new Lazy(() => openImages(uploads, true));
  const log = openLog && new Lazy(openLog);
  const readWith =
    (images: Lazy<ImageLoader & AsyncDisposable>): ReadPost =>
    async (post) =>
      extractPost(post, {
        images: await images.get(),
        extractor: await extractor.get(),
        telemetry,
        maxImages: config.IMAGES_PER_POST,
        skipUnsupportedLanguages: config.SKIP_UNSUPPORTED_LANGUAGES,
      });
  const { events } = telemetry;
  const circuit = new Circuit('graph', (open) => events.circuitChanged({ dependency: 'graph', open }));
  const posts = new PostDesk({
    preview: readWith(looking),
    keep: log ? keepInLog(() => log.get()) : keepInGraph({ store, circuit, read: readWith(keeping), events, onCommit }),
    uploads,
    keepsUploads: !log,
  });
  return {
    store,
    posts,
    uploads,
    onCommit,
    async [Symbol.asyncDispose]() {
      await log?.[Symbol.asyncDispose]();
      await looking[Symbol.asyncDispose]();
      await keeping[Symbol.asyncDispose]();
    },
  };
}
