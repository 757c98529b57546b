import type { AlertLog } from './alert-log.ts';
import type { AlertStore } from './alert-store.ts';
import type { GraphReader } from './graph-reader.ts';
import type { GraphStore } from './graph-store.ts';

/** Both sides of one graph; each is disposed of on its own. */
export interface OpenGraph {
  readonly store: GraphStore;
  readonly reader: GraphReader;
  /** Goes with the store: it ends when that does. */
  readonly alerts: AlertStore & AlertLog;
}
