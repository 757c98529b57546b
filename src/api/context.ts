import type { GraphReader } from '../graph/graph-reader.ts';
import type { EventFeed } from './event-feed.ts';
import type { Admission } from './gate.ts';
import type { Loaders } from './loaders.ts';
import type { Thumbnails } from './pictures/thumbnails.ts';

/** What resolvers work with: one object for each request. */
export interface ApiContext {
  readonly reader: GraphReader;
  readonly feed: EventFeed;
  readonly thumbnails: Thumbnails;
  /** Undefined where a request came in without being asked who it is: it may do nothing. */
  readonly admission: Admission | undefined;
  /** Batches and remembers reads of one answer. A subscription replaces it for each event, so that no event sees old data. */
  loaders: Loaders;
}
