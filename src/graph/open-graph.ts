import type { AlertLog } from './alert-log.ts';
import type { AlertRuleStore } from './alert-rules.ts';
import type { AlertStore } from './alert-store.ts';
import type { GraphReader } from './graph-reader.ts';
import type { GraphStore } from './graph-store.ts';

/** Both sides of one graph; each is disposed of on its own. */
export interface OpenGraph {
  readonly store: GraphStore;
  readonly reader: GraphReader;
  /** Goes with both: it ends when they do. */
  readonly alerts: AlertStore & AlertLog & AlertRuleStore;
}
