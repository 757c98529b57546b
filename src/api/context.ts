import type { Watchlists } from '../domain/filter.ts';
import type { GraphEvent } from '../domain/graph.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import type { PictureStore } from '../graph/picture-store.ts';
import type { AlertEvent } from './alert-events.ts';
import type { Alerting } from './alerting.ts';
import type { EventFeed } from './event-feed.ts';
import type { Admission, Gate } from './gate.ts';
import type { Loaders } from './loaders.ts';
import type { Thumbnails } from './pictures/thumbnails.ts';
import type { Writing } from './writing.ts';

/** What resolvers work with: one object for each request. */
export interface ApiContext {
  readonly reader: GraphReader;
  readonly feed: EventFeed<GraphEvent>;
  readonly alertFeed: EventFeed<AlertEvent>;
  readonly alerting: Alerting;
  readonly thumbnails: Thumbnails;
  /** Small copies of pictures; undefined where none are kept. */
  readonly pictures: PictureStore | undefined;
  readonly writing: Writing;
  /** Lists that filters may name; undefined where there are no alert rules. */
  readonly watchlists: Watchlists | undefined;
  /** Says what the one who asks may do. */
  readonly gate: Gate;
  /** Undefined where a request came in without being asked who it is: it may do nothing. */
  readonly admission: Admission | undefined;
  /** Batches and remembers reads of one answer. A subscription replaces it for each event, so that no event sees old data. */
  loaders: Loaders;
}
